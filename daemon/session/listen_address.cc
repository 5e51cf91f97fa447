#include "daemon/session/listen_address.h"

#include <fmt/format.h>

#include <boost/lexical_cast/try_lexical_convert.hpp>

namespace rekindle {

std::optional<ListenAddress> ParseListen(const yaml::Node& node,
                                         yaml::Diagnostics& d) {
  auto text = node.AsString(d, "listen");
  if (!text) return std::nullopt;
  size_t colon = text->rfind(':');
  ListenAddress address;
  if (colon == std::string::npos || colon == 0 ||
      !boost::conversion::try_lexical_convert(text->substr(colon + 1),
                                              address.port) ||
      address.port < 0 || address.port > 65535) {
    d.Error(node.position(), fmt::format("listen must be HOST:PORT, such as "
                                         "\"127.0.0.1:8080\", not \"{}\"",
                                         *text));
    return std::nullopt;
  }
  address.host = text->substr(0, colon);
  if (address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

}  // namespace rekindle
