// What a request to the pages tells before it is answered: by which name it was
// asked, and where its language link comes back to.
#pragma once

#include <string>
#include <string_view>

namespace rekindle {

// Whether a browser that is sent there stays on this site: "/rules?page=2", but
// not "//elsewhere", nor "/\elsewhere", which browsers take for the same.
bool StaysHere(std::string_view target);

// A request's path and query without `lang`.
std::string WithoutLanguage(std::string_view target);

// The host alone, in lower case: of a Host header ("[::1]:8080" is "::1"), or
// of a URL.
std::string HostOf(std::string_view text);

// Whether only this machine reaches what listens there.
bool IsLoopback(std::string_view host);

// Whether a page of another site could have made its own name lead here (DNS
// rebinding), and would then read the answer as one of its own. An address or
// localhost is no such name; what sends no Host is no browser.
bool IsForeignName(std::string_view host);

}  // namespace rekindle
