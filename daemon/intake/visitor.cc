#include "daemon/intake/visitor.h"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <cstdlib>
#include <string>

#include "config/base/words.h"

namespace rekindle {
namespace {

using boost::algorithm::icontains;
using boost::algorithm::istarts_with;

constexpr std::string_view kMachines[] = {
    "bot",        "crawl",           "spider",    "scan",
    "slurp",      "preview",         "barracuda", "mimecast",
    "proofpoint", "safelinks",       "fireeye",   "trendmicro",
    "symantec",   "sophos",          "cloudmark", "facebookexternalhit",
    "whatsapp/",  "skypeuripreview", "curl/",     "wget/",
    "python",     "go-http-client",  "java/",     "libwww",
    "okhttp",     "node-fetch",      "axios/",    "headless",
    "phantomjs",  "monitor",         "validator", "imageproxy",
    "mailproxy",  "httpclient"};

// They fetch an image when its mail is opened, on the reader's behalf.
constexpr std::string_view kImageProxies[] = {"googleimageproxy",
                                              "yahoomailproxy"};

bool HoldsAny(std::string_view text, const auto& words) {
  return std::any_of(
      std::begin(words), std::end(words),
      [&](std::string_view word) { return icontains(text, word); });
}

}  // namespace

bool IsMachine(std::string_view user_agent, bool image) {
  if (Trim(user_agent).empty()) return true;
  if (image && HoldsAny(user_agent, kImageProxies)) return false;
  return HoldsAny(user_agent, kMachines);
}

bool IsAhead(std::string_view purpose) {
  return icontains(purpose, "prefetch") || icontains(purpose, "preview");
}

std::string_view PreferredLanguage(std::string_view accept_language) {
  std::string_view best;
  double best_weight = 0;
  for (const std::string& entry : Split(accept_language, ',')) {
    const std::string_view tag = Trim(entry);
    const std::string_view language = istarts_with(tag, "zh")   ? "zh"
                                      : istarts_with(tag, "en") ? "en"
                                                                : "";
    if (language.empty()) continue;
    const size_t q = entry.find("q=");
    const double weight =
        q == entry.npos ? 1 : std::strtod(entry.c_str() + q + 2, nullptr);
    if (weight > best_weight) {
      best = language;
      best_weight = weight;
    }
  }
  return best;
}

}  // namespace rekindle
