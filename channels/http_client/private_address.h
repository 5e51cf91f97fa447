// Which network addresses belong to the inside of a network.
#pragma once

#include <sys/socket.h>

namespace rekindle {

// Loopback, private, link-local (with cloud metadata services), shared,
// multicast and unspecified addresses of IPv4 and IPv6, mapped ones too. A
// family other than these two counts as private.
bool IsPrivateAddress(const sockaddr* address);

}  // namespace rekindle
