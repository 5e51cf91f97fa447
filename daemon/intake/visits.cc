#include "daemon/intake/visits.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "channels/receipts/receipt_reader.h"
#include "daemon/intake/unsubscribe_page.h"
#include "daemon/intake/visitor.h"
#include "engine/links/tracking.h"

namespace rekindle {
namespace {

constexpr std::string_view kLinks = "/r/";
constexpr std::string_view kUnsubscribing = "/u/";
constexpr std::string_view kReceipts = "/v1/receipts/";

// 1 x 1, transparent.
constexpr std::string_view kPixel(
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01"
    "\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
    "D\x01\x00;",
    43);

// Nobody must keep an answer: what it says may change, and each visit counts.
constexpr std::string_view kNoStore = "Cache-Control: no-store\r\n";

constexpr std::string_view kPageHeaders =
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Robots-Tag: noindex\r\n";

Answer Html(int status, std::string body) {
  return {.status = status,
          .body = std::move(body),
          .headers = std::string(kPageHeaders),
          .content_type = "text/html; charset=utf-8"};
}

Answer WrongMethod(std::string_view allowed) {
  Answer answer = Refused(
      {405, "method not allowed", "this path takes " + std::string(allowed)});
  answer.headers = "Allow: " + std::string(allowed) + "\r\n";
  return answer;
}

// The one the query asks for, the browser's, the message's.
std::string_view LanguageFor(const VisitRequest& request, int number) {
  if (request.query == "lang=en") return "en";
  if (request.query == "lang=zh") return "zh";
  const auto preferred = PreferredLanguage(request.header("accept-language"));
  if (!preferred.empty()) return preferred;
  return number == 1 ? "en" : "zh";
}

bool ByMachine(const VisitRequest& request, bool image) {
  if (request.method != "GET") return true;
  for (const char* name : {"sec-purpose", "purpose", "x-purpose", "x-moz"}) {
    if (IsAhead(request.header(name))) return true;
  }
  return IsMachine(request.header("user-agent"), image);
}

// Header fields are ASCII, without anything that could end one.
std::string LocationOf(std::string_view url) {
  std::string location;
  for (const char c : url) {
    if (c > ' ' && c < 0x7F) {
      location += c;
    } else {
      location += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return location;
}

Receipt ReceiptOf(const LinkVisit& visit, ReceiptState state, Instant now) {
  Receipt receipt;
  receipt.channel = visit.channel;
  receipt.touch_id = visit.touch_id;
  receipt.state = state;
  receipt.at = now;
  return receipt;
}

}  // namespace

Visits::Visits(Session& session, ClickJudge& clicks)
    : session_(session),
      clicks_(clicks),
      readers_(session.engine().store().file()) {}

bool Visits::Knows(std::string_view path) {
  return path.starts_with(kLinks) || path.starts_with(kUnsubscribing) ||
         path.starts_with(kReceipts);
}

VisitReply Visits::Handle(const VisitRequest& request) {
  const auto rest = [&](std::string_view prefix) {
    return request.path.substr(prefix.size());
  };
  try {
    if (request.path.starts_with(kLinks)) return Follow(request, rest(kLinks));
    if (request.path.starts_with(kUnsubscribing)) {
      return Unsubscribe(request, rest(kUnsubscribing));
    }
    return TakeReceipts(request, rest(kReceipts));
  } catch (const std::exception& e) {
    spdlog::error("{}: {}", request.path.substr(0, 3), e.what());
    return {.answer = NotLookedUp()};
  }
}

std::optional<LinkVisit> Visits::Find(TokenUse use, std::string_view token) {
  const auto settings = session_.engine().settings();
  const Tracking tracking(settings->links, session_.engine().ledger().key());
  auto lease = readers_.Take();
  return FindVisit(lease.db(), tracking.key(), use, token);
}

VisitReply Visits::Follow(const VisitRequest& request, std::string_view token) {
  if (request.method != "GET" && request.method != "HEAD") {
    return {.answer = WrongMethod("GET, HEAD")};
  }
  const std::optional<LinkVisit> visit = Find(TokenUse::kLink, token);
  const bool pixel = visit && visit->number == 0;
  if (!visit || (!pixel && visit->target.empty())) {
    return {.answer = Html(404, GonePage(LanguageFor(request, 0)))};
  }
  VisitReply reply;
  const Instant now = session_.clock().Now();
  const bool person = !ByMachine(request, pixel);
  if (pixel) {
    reply.answer = {.status = 200,
                    .body = std::string(kPixel),
                    .headers = std::string(kNoStore),
                    .content_type = "image/gif"};
    if (person) {
      reply.batch.receipts = {ReceiptOf(*visit, ReceiptState::kOpened, now)};
    }
    return reply;
  }
  reply.answer = {.status = 302,
                  .headers = fmt::format("Location: {}\r\n{}",
                                         LocationOf(visit->target), kNoStore)};
  if (person && clicks_.IsClick(*visit, now)) {
    reply.batch.receipts = {ReceiptOf(*visit, ReceiptState::kClicked, now)};
  }
  return reply;
}

VisitReply Visits::Unsubscribe(const VisitRequest& request,
                               std::string_view token) {
  const bool asks = request.method == "GET" || request.method == "HEAD";
  if (!asks && request.method != "POST") {
    return {.answer = WrongMethod("GET, HEAD, POST")};
  }
  const std::optional<LinkVisit> visit = Find(TokenUse::kUnsubscribe, token);
  const auto language = LanguageFor(request, visit ? visit->number : 0);
  if (!visit) return {.answer = Html(404, GonePage(language))};
  if (asks) {
    return {.answer = Html(200, AskPage(language, visit->topic, request.path))};
  }
  VisitReply reply;
  reply.answer = Html(200, DonePage(language, request.path));
  Receipt receipt =
      ReceiptOf(*visit, ReceiptState::kUnsubscribed, session_.clock().Now());
  receipt.in_person = true;
  receipt.whole_channel =
      request.body.find("from=channel") != std::string_view::npos;
  reply.batch.receipts = {std::move(receipt)};
  reply.waits = true;
  return reply;
}

VisitReply Visits::TakeReceipts(const VisitRequest& request,
                                std::string_view id) {
  const auto configuration = session_.configuration();
  const Channel* const channel = configuration->FindChannel(id);
  if (channel == nullptr || !channel->receipts ||
      !channel->receipts->takes_callbacks()) {
    return {.answer = Refused({404, "not found",
                               "there is no such channel, or it takes no "
                               "receipts"})};
  }
  if (request.method != "POST") return {.answer = WrongMethod("POST")};
  const Instant now = session_.clock().Now();
  const std::string problem =
      SignatureProblem(*channel->receipts, request.header, request.body, now);
  if (!problem.empty()) {
    return {.answer = Refused({401, "invalid signature", problem})};
  }
  auto read =
      ReadReceiptBody(*channel->receipts, channel->id, request.body, now);
  if (!read) {
    return {.answer = Refused({400, "invalid body", read.error().message})};
  }
  VisitReply reply;
  reply.answer = Accepted();
  reply.waits = true;
  reply.batch = ToBatch(channel->id, std::move(*read));
  return reply;
}

}  // namespace rekindle
