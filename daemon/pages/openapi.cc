#include "daemon/pages/openapi.h"

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/session/version.h"

namespace rekindle {
namespace {

using Json = nlohmann::ordered_json;

Json Parameter(const char* name, const char* in, const char* what,
               bool required = false) {
  return {{"name", name},
          {"in", in},
          {"required", required},
          {"description", what},
          {"schema", {{"type", "string"}}}};
}

Json Get(const char* summary, Json parameters) {
  auto problem = [](const char* what) {
    return Json{
        {"description", what},
        {"content",
         {{"application/problem+json", {{"schema", {{"type", "object"}}}}}}}};
  };
  return {{"get",
           {{"summary", summary},
            {"parameters", std::move(parameters)},
            {"responses",
             {{"200",
               {{"description", "The answer"},
                {"content",
                 {{"application/json", {{"schema", {{"type", "object"}}}}}}}}},
              {"400", problem("A parameter cannot be read")},
              {"404", problem("There is no such rule or user")}}}}}};
}

}  // namespace

nlohmann::ordered_json OpenApi() {
  Json as_of = Parameter("as_of", "query",
                         "An instant (RFC 3339) or a day; default now");
  Json paths;
  paths["/api/v1/overview"] =
      Get("Users by state, the active rate and the flows", {as_of});
  paths["/api/v1/rules"] =
      Get("Every rule with its last slot and review", {as_of});
  paths["/api/v1/rules/{rule_id}"] =
      Get("One rule with its slots",
          {Parameter("rule_id", "path", "The rule's id", true), as_of});
  paths["/api/v1/touches"] =
      Get("Touches, newest first, 50 a page",
          {Parameter("rule", "query", "Only this rule's"),
           Parameter("state", "query", "Only in this state"),
           Parameter("page", "query", "From 1")});
  paths["/api/v1/users"] = Get(
      "One user: state, labels, their history, timeline, touches, why each "
      "rule does or does not reach them, and why recent slots left them out",
      {Parameter("id", "query", "The user's id", true), as_of});
  paths["/api/v1/approvals"] =
      Get("Who approved, paused and resumed which rule: the latest 50",
          Json::array());
  paths["/api/v1/channels"] =
      Get("Every channel: how it stands, what waits, outcomes, limits, cost",
          Json::array());
  paths["/api/v1/health"] = Get("How the daemon is", Json::array());
  paths["/api/v1/refusals"] = Get(
      "Messages that the intake refused: counts and the latest", Json::array());
  return {{"openapi", "3.0.3"},
          {"info", {{"title", "Rekindle"}, {"version", kVersion}}},
          {"paths", paths}};
}

}  // namespace rekindle
