#include "channels/http_client/url_check.h"

#include <curl/curl.h>

#include <memory>

#include "config/base/url_scheme.h"

namespace rekindle {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool HasPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return has;
}

}  // namespace

std::string UrlProblem(const std::string& text) {
  if (WebSchemeOf(text).empty()) {
    return "url must begin with https:// or http://";
  }
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return "url is not a valid URL";
  }
  if (HasPart(url.get(), CURLUPART_USER) ||
      HasPart(url.get(), CURLUPART_PASSWORD)) {
    return "url must not hold a user or a password";
  }
  return {};
}

}  // namespace rekindle
