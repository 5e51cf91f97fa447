#include "daemon/polling/touch_round.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/polling/ask_ages.h"
#include "engine/ledger/receipt_writer.h"
#include "engine/users/addresses.h"

namespace rekindle {
namespace {

constexpr size_t kMostQuestions = 100;
constexpr size_t kMostMissed = 10'000;

}  // namespace

TouchRound::TouchRound(Engine& engine, const Channel& channel,
                       std::optional<Instant> since, Instant until,
                       int64_t begin, std::set<std::string> again)
    : engine_(engine),
      since_(since),
      until_(until),
      touches_(engine.store(), channel.id,
               until - channel.receipts->poll->give_up_after),
      at_(std::max(begin, touches_.begin())),
      next_at_(at_),
      again_(std::move(again)) {}

std::vector<ReceiptQuestion> TouchRound::Next(const Channel& channel) {
  const bool all_done =
      std::all_of(asked_.begin(), asked_.end(),
                  [&](const std::string& id) { return done_.contains(id); });
  while (true) {
    if (all_done || asked_.empty()) {
      at_ = next_at_;
      done_.clear();
      failed_.clear();
    }
    asked_.clear();
    if (touches_.done(at_)) return {};
    next_at_ = at_;
    const auto touches =
        touches_.Next(&next_at_, kMostQuestions, [&](const auto& touch) {
          return Wanted(*channel.receipts->poll, touch);
        });
    auto questions = QuestionsOf(channel, touches);
    if (questions.empty()) continue;
    // Where questions are given up half-way, the same do not come first again.
    std::stable_partition(questions.begin(), questions.end(),
                          [&](const ReceiptQuestion& question) {
                            return !failed_.contains(question.touch.touch_id);
                          });
    return questions;
  }
}

void TouchRound::Failed(const std::string& touch_id) {
  if (failed_.insert(touch_id).second) return;
  Done(touch_id);
  if (missed_.size() < kMostMissed) missed_.insert(touch_id);
}

bool TouchRound::Wanted(const PollSettings& poll,
                        const UnreportedTouch& touch) {
  if (touch.id > counted_) {
    counted_ = touch.id;
    ++waiting_;
  }
  if (poll.names_provider_id && touch.provider_id.empty()) return false;
  if (poll.names_address && touch.address_hash.empty()) return false;
  if (done_.contains(touch.touch_id)) return false;
  if (again_.contains(touch.touch_id)) return true;
  const auto from = since_ ? *since_ - touch.sent_at : Instant::duration(0);
  return AskedBetween(from, until_ - touch.sent_at, poll.every);
}

std::vector<ReceiptQuestion> TouchRound::QuestionsOf(
    const Channel& channel, const std::vector<UnreportedTouch>& touches) {
  std::vector<ReceiptQuestion> questions;
  if (touches.empty()) return questions;
  const auto facts = engine_.At(until_);  // while it is there, users stay
  const UserDirectory& users = facts->users();
  for (const UnreportedTouch& touch : touches) {
    ReceiptQuestion question;
    if (channel.receipts->poll->names_address) {
      question.touch.address =
          AddressOf(users, channel.adapter->traits().address_field, touch);
      // The user has it no more, and the ledger keeps no addresses.
      if (question.touch.address.empty()) continue;
    }
    question.touch.touch_id = touch.touch_id;
    question.touch.rule_id = touch.rule_id;
    question.touch.slot = touch.slot;
    question.touch.user_id = users.IdOf(users.Resolve(touch.user));
    question.touch.channel = channel.id;
    question.provider_id = touch.provider_id;
    question.sent_at = facts->settings().calendar.Format(touch.sent_at);
    asked_.push_back(touch.touch_id);
    questions.push_back(std::move(question));
  }
  return questions;
}

std::string TouchRound::AddressOf(const UserDirectory& users,
                                  const std::string& field,
                                  const UnreportedTouch& touch) const {
  for (std::string& address :
       AddressesOf(users, users.Resolve(touch.user), field)) {
    if (AddressHash(engine_.ledger().key(), address) == touch.address_hash) {
      return std::move(address);
    }
  }
  return "";
}

}  // namespace rekindle
