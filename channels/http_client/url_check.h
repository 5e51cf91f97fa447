// What is wrong with a URL of the settings.
#pragma once

#include <string>

namespace rekindle {

// For people; empty where it is a http or https URL without user and password.
std::string UrlProblem(const std::string& url);

}  // namespace rekindle
