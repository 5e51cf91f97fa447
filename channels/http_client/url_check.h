// Checks the URLs of settings.
#pragma once

#include <string>

namespace rekindle {

// What is wrong with the URL, for people; empty for a http or https URL without
// user and password.
std::string UrlProblem(const std::string& url);

}  // namespace rekindle
