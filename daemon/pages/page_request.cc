#include "daemon/pages/page_request.h"

#include <arpa/inet.h>

#include <algorithm>

namespace rekindle {
namespace {

bool IsAddress(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsLocalhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

bool StaysHere(std::string_view target) {
  // Browsers drop tabs and line ends, and go on with what is left.
  return target.starts_with('/') && !target.starts_with("//") &&
         std::all_of(target.begin(), target.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

std::string WithoutLanguage(std::string_view target) {
  const size_t question = target.find('?');
  std::string left(target.substr(0, question));
  if (question == std::string_view::npos) return left;
  char joint = '?';
  for (std::string_view query = target.substr(question + 1); !query.empty();) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty() || part.starts_with("lang=")) continue;
    left += joint;
    left += part;
    joint = '&';
  }
  return left;
}

std::string HostOf(std::string_view text) {
  if (const size_t scheme = text.find("://"); scheme != text.npos) {
    text.remove_prefix(scheme + 3);
  }
  text = text.substr(0, text.find_first_of("/?#"));
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else {
    text = text.substr(0, text.find(':'));
  }
  std::string host(text);
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return host;
}

bool IsLoopback(std::string_view host) {
  return host == "::1" || IsLocalhost(host) ||
         (host.starts_with("127.") && IsAddress(std::string(host)));
}

bool IsForeignName(std::string_view host) {
  return !host.empty() && !IsLocalhost(host) && !IsAddress(std::string(host));
}

}  // namespace rekindle
