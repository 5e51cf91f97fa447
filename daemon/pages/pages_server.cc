#include "daemon/pages/pages_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "config/base/json_text.h"
#include "daemon/intake/visitor.h"
#include "daemon/pages/channels_model.h"
#include "daemon/pages/metrics.h"
#include "daemon/pages/models.h"
#include "daemon/pages/openapi.h"
#include "daemon/pages/page_request.h"
#include "daemon/pages/render.h"
#include "daemon/pages/user_page.h"
#include "daemon/texts/assets.h"

namespace rekindle {
namespace {

using httplib::Request;
using httplib::Response;

constexpr int kPeriodsShown = 13;
// Connections that wait to be accepted: a browser opens several at once.
constexpr int kBacklog = 128;
// Nothing is posted here: a body is read only to be answered 405.
constexpr size_t kMaxBody = 64 << 10;

// ?lang=, else the cookie, else what the browser asks for, else the setting.
std::string LanguageOf(const Request& request, const std::string& otherwise) {
  for (const char* language : {"zh", "en"}) {
    if (request.get_param_value("lang") == language) return language;
  }
  std::string cookie = request.get_header_value("Cookie");
  if (cookie.find("language=zh") != std::string::npos) return "zh";
  if (cookie.find("language=en") != std::string::npos) return "en";
  const std::string accepted = request.get_header_value("Accept-Language");
  const std::string_view preferred = PreferredLanguage(accepted);
  return preferred.empty() ? otherwise : std::string(preferred);
}

int HttpStatusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return 400;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kConflict:
      return 409;
    default:
      return 500;
  }
}

std::string StatusWord(int status) {
  switch (status) {
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 416:
      return "Range Not Satisfiable";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

// RFC 9457. The status is set already.
void AnswerProblem(Response& response, const std::string& detail) {
  Json problem = {{"title", StatusWord(response.status)},
                  {"status", response.status}};
  if (!detail.empty()) problem["detail"] = detail;
  response.set_content(JsonText(problem), "application/problem+json");
}

}  // namespace

struct PagesServer::Impl {
  Impl(Session& s, const Scheduler& sch, const IntakeServer* i,
       const ReceiptPoller& p, const ReceiptStats& r)
      : session(s), scheduler(sch), intake(i), poller(p), receipts(r) {}

  // --- the reader
  static bool IsForPrograms(const Request& request) {
    return request.path.starts_with("/api/");
  }

  std::string LanguageFor(const Request& request) const {
    return LanguageOf(request, session.configuration()->pages_language);
  }

  // People are told in their language, programs in English.
  PhraseTeller TellerFor(const Request& request) const {
    if (IsForPrograms(request)) return &Phrase::English;
    return [this, language = LanguageFor(request)](const Phrase& phrase) {
      return renderer.texts().Tell(phrase, language);
    };
  }

  // --- answering
  using Model = std::function<Result<Json>(const Request&, Instant as_of)>;

  Result<Instant> AsOf(const Request& request) const {
    std::string text = request.get_param_value("as_of");
    if (text.empty()) return session.clock().Now();
    return session.engine().settings()->calendar.ParseUntil(text);
  }

  Result<Json> Evaluate(const Model& model, const Request& request) const {
    auto as_of = AsOf(request);
    if (!as_of) return tl::make_unexpected(as_of.error());
    return model(request, *as_of);
  }

  void AnswerPage(std::string_view page, const Request& request,
                  Response& response, Result<Json> model) const {
    if (!model) {
      response.status = HttpStatusOf(model.error().kind);
      return AnswerError(request, response, model.error().message);
    }
    (*model)["reload_failed"] = !session.reload_status().ok;
    response.set_content(renderer.Page(page, *model, LanguageFor(request),
                                       WithoutLanguage(request.target)),
                         "text/html; charset=utf-8");
  }

  // The status is set already.
  void AnswerError(const Request& request, Response& response,
                   const std::string& detail) const {
    if (IsForPrograms(request)) {
      return AnswerProblem(response, detail);
    }
    AnswerPage(
        "error", request, response,
        Json{{"status", std::to_string(response.status)}, {"problem", detail}});
  }

  // What only this machine reaches is not for a page of another site whose name
  // leads here. A proxy on this machine may pass on the name of pages.url.
  // Probes are answered whatever they call it: they are told nothing.
  bool IsAskedByForeignName(const Request& request) const {
    const auto configuration = session.configuration();
    const std::string host = HostOf(request.get_header_value("Host"));
    return IsLoopback(listens_on) && IsForeignName(host) &&
           host != HostOf(configuration->pages_url) &&
           request.path != "/healthz" && request.path != "/readyz";
  }

  // One model, served as a page and under /api/v1/.
  void Route(const std::string& page_path, const std::string& api_path,
             const std::string& page, Model model) {
    server.Get(page_path,
               [this, page, model](const Request& request, Response& response) {
                 auto json = Evaluate(model, request);
                 if (!json && page == "user" &&
                     json.error().kind == ErrorKind::kNotFound) {
                   json = NobodyModel(request);
                   response.status = 404;
                 }
                 if (json && page == "user") ShapeUserPage(*json);
                 if (json && page == "touches") ShapeTouchesPage(*json);
                 AnswerPage(page, request, response, std::move(json));
               });
    server.Get("/api/v1" + api_path,
               [this, page, model](const Request& request, Response& response) {
                 auto json = Evaluate(model, request);
                 if (json && page == "user" && IdOf(request).empty()) {
                   // The page is a form then.
                   json = Fail(ErrorKind::kUsage,
                               "which user is missing: id=..., as in "
                               "/api/v1/users?id=u1");
                 }
                 if (!json) {
                   response.status = HttpStatusOf(json.error().kind);
                   return AnswerProblem(response, json.error().message);
                 }
                 response.set_content(JsonText(*json), "application/json");
               });
  }

  static std::string IdOf(const Request& request) {
    return request.get_param_value("id");
  }

  // The form stays, to ask for another.
  static Json NobodyModel(const Request& request) {
    return {
        {"user_id", IdOf(request)}, {"found", false}, {"unknown_user", true}};
  }

  // For the page only: the neighbours of this one, and the states to choose.
  static void ShapeTouchesPage(Json& model) {
    int64_t page = model["page"], pages = model["pages"];
    if (page > 1) model["previous"] = std::to_string(page - 1);
    if (page < pages) model["next"] = std::to_string(page + 1);
    model["choices"] = Json::array();
    for (TouchState touch_state : kAllTouchStates) {
      const auto state = TouchStateName(touch_state);
      model["choices"].push_back(
          {{"touch_state", state}, {"chosen", model["touch_state"] == state}});
    }
  }

  void AddPages();
  void AddService();
  void AddSafety();
  // Gives false where the address is in use or not this machine's.
  bool Bind(const ListenAddress& address);

  Session& session;
  const Scheduler& scheduler;
  const IntakeServer* const intake;
  const ReceiptPoller& poller;
  const ReceiptStats& receipts;
  Renderer renderer;
  httplib::Server server;
  std::string listens_on;  // the host
  int port = 0;
  std::thread thread;
};

void PagesServer::Impl::AddPages() {
  Route("/", "/overview", "overview", [this](const Request&, Instant as_of) {
    return OverviewModel(session, as_of, kPeriodsShown);
  });
  Route("/rules", "/rules", "rules", [this](const Request&, Instant as_of) {
    return RulesModel(session, as_of);
  });
  // Campaigns run elsewhere bring ids of their own, with slashes too.
  Route(R"(/rules/(.+))", R"(/rules/(.+))", "rule",
        [this](const Request& request, Instant as_of) {
          return RuleModel(session, request.matches[1], as_of);
        });
  Route("/touches", "/touches", "touches",
        [this](const Request& request, Instant) {
          TouchesAsk ask;
          ask.rule_id = request.get_param_value("rule");
          ask.state = request.get_param_value("state");
          ask.page = std::atoll(request.get_param_value("page").c_str());
          return TouchesModel(session, ask);
        });
  Route("/users", "/users", "user",
        [this](const Request& request, Instant as_of) {
          return UserModel(session, IdOf(request), as_of, TellerFor(request));
        });
  Route("/channels", "/channels", "channels", [this](const Request&, Instant) {
    return ChannelsModel(session, poller.Stats());
  });
  Route("/health", "/health", "health", [this](const Request&, Instant) {
    return HealthModel(session, scheduler, intake, receipts);
  });
  server.Get("/api/v1/approvals", [this](const Request&, Response& response) {
    Json model = {{"decisions", DecisionsModel(session, std::nullopt)}};
    response.set_content(JsonText(model), "application/json");
  });
  server.Get("/api/v1/refusals", [this](const Request&, Response& response) {
    response.set_content(JsonText(RefusalsModel(session, intake)),
                         "application/json");
  });
  server.Get(
      R"(/language/(zh|en))", [](const Request& request, Response& response) {
        std::string back = request.get_param_value("back");
        if (!StaysHere(back)) back = "/";
        response.set_header("Set-Cookie",
                            "language=" + request.matches[1].str() +
                                "; Path=/; Max-Age=31536000; SameSite=Lax");
        response.set_redirect(back);
      });
  server.Get("/style.css", [](const Request&, Response& response) {
    response.set_content(std::string(Asset("style.css")), "text/css");
  });
}

void PagesServer::Impl::AddService() {
  server.Get("/healthz", [](const Request&, Response& response) {
    response.set_content("ok\n", "text/plain");
  });
  server.Get("/readyz", [this](const Request&, Response& response) {
    Json health = HealthModel(session, scheduler, intake, receipts);
    bool ready = health["ready"];
    response.status = ready ? 200 : 503;
    response.set_content(ready ? "ok\n" : health["failing"].dump() + "\n",
                         "text/plain");
  });
  server.Get("/metrics", [this](const Request&, Response& response) {
    response.set_content(MetricsText(session, intake, poller, receipts),
                         "text/plain; version=0.0.4; charset=utf-8");
  });
  server.Get("/api/v1/openapi.json", [](const Request&, Response& response) {
    response.set_content(OpenApi().dump(2), "application/json");
  });
}

void PagesServer::Impl::AddSafety() {
  server.set_payload_max_length(kMaxBody);
  // The library leaves some bodies unread, and would take them for the next
  // request, by whatever name that says.
  server.set_keep_alive_max_count(1);
  server.set_default_headers(
      {{"Cache-Control", "no-store"},
       {"Content-Security-Policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:"},
       {"X-Content-Type-Options", "nosniff"},
       {"X-Frame-Options", "DENY"},
       {"Referrer-Policy", "no-referrer"}});
  server.set_pre_routing_handler([this](const Request& request,
                                        Response& response) {
    if (!IsAskedByForeignName(request)) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    response.status = 403;
    AnswerError(request, response,
                "asked for by another name than an address, localhost or that "
                "of pages.url");
    return httplib::Server::HandlerResponse::Handled;
  });
  server.set_error_handler([this](const Request& request, Response& response) {
    if (!response.body.empty()) return;
    // Nothing here is changed by a request, so that nothing is posted.
    if (response.status == 404 && request.method != "GET" &&
        request.method != "HEAD") {
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
    }
    AnswerError(request, response, "");
  });
  server.set_exception_handler([this](const Request& request,
                                      Response& response,
                                      std::exception_ptr thrown) {
    std::string what = "unknown failure";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
    }
    spdlog::error("page {}: {}", request.path, what);
    response.status = 500;
    AnswerError(request, response, what);
  });
}

bool PagesServer::Impl::Bind(const ListenAddress& address) {
  // The library's own options share a port between processes (SO_REUSEPORT),
  // which then answer in turns. An address that was left a moment ago may be
  // taken again all the same.
  socket_t listener = INVALID_SOCKET;
  server.set_socket_options([&listener](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    listener = socket;
  });
  listens_on = address.host;
  port = address.port;
  if (address.port == 0) {
    port = server.bind_to_any_port(address.host.c_str());
  } else if (!server.bind_to_port(address.host.c_str(), address.port)) {
    port = -1;
  }
  server.set_socket_options(nullptr);
  // The library has listened, with a backlog of 5 that is compiled into it;
  // asking again changes the backlog alone.
  return port >= 0 && listen(listener, kBacklog) == 0;
}

Result<std::unique_ptr<PagesServer>> PagesServer::Start(
    Session& session, const Scheduler& scheduler, const IntakeServer* intake,
    const ReceiptPoller& poller, const ReceiptStats& receipts) {
  auto impl =
      std::make_unique<Impl>(session, scheduler, intake, poller, receipts);
  impl->AddPages();
  impl->AddService();
  impl->AddSafety();
  auto configuration = session.configuration();
  const ListenAddress& address = configuration->pages;
  if (!impl->Bind(address)) {
    return Fail(ErrorKind::kIo,
                fmt::format("cannot serve the pages on {}:{}: the address is "
                            "in use or not this machine's",
                            address.host, address.port));
  }
  impl->thread =
      std::thread([server = &impl->server] { server->listen_after_bind(); });
  // A stop that comes before the thread runs would not be heard.
  while (!impl->server.is_running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::unique_ptr<PagesServer>(new PagesServer(std::move(impl)));
}

PagesServer::PagesServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PagesServer::~PagesServer() {
  impl_->server.stop();
  impl_->thread.join();
}

int PagesServer::port() const { return impl_->port; }

}  // namespace rekindle
