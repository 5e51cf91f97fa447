#include "channels/receipts/receipt_asker.h"

#include <utility>

#include "channels/adapter/answer_text.h"
#include "channels/http/request_builder.h"
#include "channels/http_client/http_outcome.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

using Kind = ReceiptReply::Kind;

// Of an answer's body; ten thousand receipts of the usual kind fit in.
constexpr size_t kMostBytes = 4 * 1024 * 1024;

HttpOptions OptionsOf(const PollSettings& poll) {
  HttpOptions options = RequestOptions(poll.request);
  options.concurrency = poll.concurrency;
  options.max_answer_bytes = kMostBytes;
  return options;
}

// Statuses that may well say nothing of the touch in the question.
bool OfProvider(int status) {
  switch (status) {
    case 401:
    case 403:
    case 407:
    case 408:
    case 425:
    case 429:
      return true;
    default:
      return status < 400 || status >= 500;
  }
}

// Hands out the questions; what becomes of them is told by `judge` of the
// client's, but for those that could not even be put into a request.
class QuestionBox : public Outbox {
 public:
  QuestionBox(std::span<const ReceiptQuestion> questions,
              const StopSignal& stop)
      : questions_(questions), stop_(stop) {}

  const ClaimedTouch* Next() override {
    return ended() ? nullptr : &questions_[next_++].touch;
  }
  void Report(const ClaimedTouch& touch, Outcome outcome) override {
    if (outcome.what == OutcomeClass::kBadMessage) unaskable(touch, outcome);
  }
  bool ended() const override {
    return enough || stop_.stopped() || next_ == questions_.size();
  }
  bool cancelled() const override { return stop_.stopped(); }
  int ready_fd() const override { return stop_.fd(); }
  std::chrono::milliseconds patience() const override {
    return std::chrono::seconds(1);
  }

  bool enough = false;
  std::function<void(const ClaimedTouch&, const Outcome&)> unaskable;

 private:
  const std::span<const ReceiptQuestion> questions_;
  const StopSignal& stop_;
  size_t next_ = 0;
};

}  // namespace

ReceiptAsker::ReceiptAsker(std::string channel, ReceiptSettings settings,
                           const Clock& clock, const StopSignal& stop)
    : channel_(std::move(channel)),
      settings_(std::move(settings)),
      clock_(clock),
      stop_(stop),
      secrets_(SecretsOf(settings_.poll->request)),
      client_(OptionsOf(*settings_.poll)) {}

void ReceiptAsker::Ask(std::span<const ReceiptQuestion> questions,
                       const Take& take) {
  QuestionBox box(questions, stop_);
  const auto question_of = [&](const ClaimedTouch& touch) -> auto& {
    // The client hands back what it was given.
    for (const ReceiptQuestion& question : questions) {
      if (&question.touch == &touch) return question;
    }
    throw std::logic_error("an answer to no question");
  };
  box.unaskable = [&](const ClaimedTouch& touch, const Outcome& outcome) {
    ReceiptReply reply;
    reply.kind = Kind::kNoAnswer;
    reply.problem = outcome.detail;
    reply.of_touch = settings_.poll->per_touch;
    if (!take(question_of(touch), std::move(reply))) box.enough = true;
  };
  client_.Run(
      box,
      [&](const ClaimedTouch& touch) { return RequestFor(question_of(touch)); },
      [&](const ClaimedTouch& touch, const HttpAnswer& answer) {
        const ReceiptQuestion& question = question_of(touch);
        const bool given_up =
            stop_.stopped() && answer.end != HttpEnd::kAnswered;
        if (!given_up && !take(question, ReplyOf(question, answer))) {
          box.enough = true;
        }
        return Outcome();
      });
}

HttpRequest ReceiptAsker::RequestFor(const ReceiptQuestion& question) const {
  const RequestSettings& request = settings_.poll->request;
  RequestValues values(request, question.touch, clock_.Now());
  values.Set("provider_id", question.provider_id);
  values.Set("sent_at", question.sent_at);
  return BuildRequest(request, std::move(values));
}

ReceiptReply ReceiptAsker::ReplyOf(const ReceiptQuestion& question,
                                   const HttpAnswer& answer) const {
  std::vector<std::string_view> hide(secrets_.begin(), secrets_.end());
  hide.push_back(question.touch.address);
  const bool per_touch = settings_.poll->per_touch;
  ReceiptReply reply;
  reply.retry_after = answer.retry_after;
  if (answer.end != HttpEnd::kAnswered) {
    reply.kind = Kind::kNoAnswer;
    if (answer.end == HttpEnd::kRefused) {
      reply.problem = HttpTrouble(answer, hide);
      return reply;
    }
    // libcurl's words tell times and ports, which are new each time.
    reply.problem =
        answer.end == HttpEnd::kNoAnswer ? "no answer" : "not asked";
    reply.detail = AnswerText(answer.error, hide);
    return reply;
  }
  if (answer.status >= 300) {
    reply.kind = Kind::kRefused;
    reply.problem = "HTTP " + std::to_string(answer.status);
    reply.detail = AnswerText(answer.body, hide);
    reply.of_touch = per_touch && !OfProvider(answer.status);
    reply.of_provider =
        !reply.of_touch && (answer.status < 500 || answer.retry_after);
    return reply;
  }
  if (!answer.whole && answer.body.size() < kMostBytes) {
    reply.kind = Kind::kNoAnswer;
    reply.problem = "an answer that was cut short";
    return reply;
  }
  if (Trim(answer.body).empty()) return reply;  // nothing to say
  auto read = answer.body.size() >= kMostBytes
                  ? Result<ReadReceipts>(
                        Fail(ErrorKind::kUsage, "the body is over 4 MB"))
                  : ReadReceiptBody(
                        settings_, channel_, answer.body, clock_.Now(),
                        settings_.poll->names_message ? question.touch.touch_id
                                                      : std::string());
  if (!read) {
    reply.kind = Kind::kUnreadable;
    reply.of_touch = per_touch;
    reply.problem = "its answer cannot be read: " + read.error().message;
    reply.detail = AnswerText(answer.body, hide);
    return reply;
  }
  reply.read = std::move(*read);
  return reply;
}

}  // namespace rekindle
