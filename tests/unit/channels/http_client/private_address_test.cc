#include "channels/http_client/private_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace rekindle {
namespace {

bool IsPrivate(const std::string& text) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    return IsPrivateAddress(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
  return IsPrivateAddress(reinterpret_cast<const sockaddr*>(&v6));
}

TEST(PrivateAddressTest, Private) {
  for (const char* text : {"0.0.0.0",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "127.0.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "64:ff9b::a00:1"}) {
    EXPECT_TRUE(IsPrivate(text)) << text;
  }
}

TEST(PrivateAddressTest, Public) {
  for (const char* text :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "223.255.255.255",
        "2606:4700::1111", "::ffff:1.1.1.1"}) {
    EXPECT_FALSE(IsPrivate(text)) << text;
  }
}

TEST(PrivateAddressTest, OtherFamiliesCountAsPrivate) {
  sockaddr address = {};
  address.sa_family = AF_UNIX;
  EXPECT_TRUE(IsPrivateAddress(&address));
}

}  // namespace
}  // namespace rekindle
