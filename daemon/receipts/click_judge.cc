#include "daemon/receipts/click_judge.h"

#include <utility>

namespace rekindle {
namespace {

// Beyond, a click that comes early counts as it comes.
constexpr size_t kMostVisitsWaiting = 100'000;

}  // namespace

bool ClickJudge::IsClick(const LinkVisit& visit, Instant now) {
  // A touch whose answer is not recorded yet has just left.
  const Instant sent_at = visit.sent_at.value_or(now);
  if (visit.links <= 1) return now - sent_at >= kTooQuick;
  if (now - sent_at >= kFirstSeconds) return true;
  std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostVisitsWaiting &&
      !waiting_.contains(visit.touch_id)) {
    return true;
  }
  const auto [place, added] = waiting_.try_emplace(visit.touch_id);
  Waiting& waiting = place->second;
  if (added) {
    waiting.channel = visit.channel;
    waiting.first_opened = now;
    waiting.until = sent_at + kFirstSeconds;
  }
  waiting.opened.insert(visit.number);
  if (waiting.opened.size() == static_cast<size_t>(visit.links)) {
    waiting.scanned = true;
  }
  return false;
}

std::vector<Receipt> ClickJudge::TakeDue(Instant now, bool all) {
  std::vector<Receipt> due;
  std::lock_guard lock(mutex_);
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const auto& [touch_id, waiting] = *it;
    if (!all && now < waiting.until) {
      ++it;
      continue;
    }
    if (!waiting.scanned) {
      Receipt click;
      click.channel = waiting.channel;
      click.touch_id = touch_id;
      click.state = ReceiptState::kClicked;
      click.at = waiting.first_opened;
      due.push_back(std::move(click));
    }
    it = waiting_.erase(it);
  }
  return due;
}

}  // namespace rekindle
