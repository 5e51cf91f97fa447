#include "channels/http_client/private_address.h"

#include <netinet/in.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>

namespace rekindle {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

bool IsPrivate(const address_v4& address) {
  static constexpr struct {
    uint32_t network;
    int bits;
  } kPrivate[] = {
      {0x00000000, 8},   // 0.0.0.0/8       this network
      {0x0A000000, 8},   // 10.0.0.0/8      private
      {0x64400000, 10},  // 100.64.0.0/10   shared (carrier NAT)
      {0x7F000000, 8},   // 127.0.0.0/8     loopback
      {0xA9FE0000, 16},  // 169.254.0.0/16  link-local, metadata services
      {0xAC100000, 12},  // 172.16.0.0/12   private
      {0xC0000000, 24},  // 192.0.0.0/24    protocol assignments
      {0xC0A80000, 16},  // 192.168.0.0/16  private
      {0xC6120000, 15},  // 198.18.0.0/15   benchmarking
      {0xE0000000, 3},   // 224.0.0.0/3     multicast, reserved, broadcast
  };
  const uint32_t number = address.to_uint();
  for (const auto& range : kPrivate) {
    if ((number ^ range.network) >> (32 - range.bits) == 0) return true;
  }
  return false;
}

bool IsPrivate(const address_v6& address) {
  if (address.is_v4_mapped()) {
    return IsPrivate(make_address_v4(boost::asio::ip::v4_mapped, address));
  }
  const auto bytes = address.to_bytes();
  const bool unique_local = (bytes[0] & 0xFE) == 0xFC;  // fc00::/7
  // 64:ff9b::/96 leads to an IPv4 address through a translator.
  const bool translated = bytes[0] == 0x00 && bytes[1] == 0x64 &&
                          bytes[2] == 0xFF && bytes[3] == 0x9B;
  return address.is_loopback() || address.is_unspecified() ||
         address.is_link_local() || address.is_site_local() ||
         address.is_multicast() || unique_local || translated;
}

}  // namespace

bool IsPrivateAddress(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(address);
    return IsPrivate(address_v4(ntohl(in->sin_addr.s_addr)));
  }
  if (address->sa_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(address);
    address_v6::bytes_type bytes;
    std::copy(std::begin(in->sin6_addr.s6_addr),
              std::end(in->sin6_addr.s6_addr), bytes.begin());
    return IsPrivate(address_v6(bytes));
  }
  return true;
}

}  // namespace rekindle
