#include "channels/send_one.h"

#include <exception>
#include <utility>

namespace rekindle {
namespace {

// Holds one message, and its outcome.
class SingleOutbox : public Outbox {
 public:
  explicit SingleOutbox(const ClaimedTouch& message) : message_(message) {}
  const ClaimedTouch* Next() override {
    return std::exchange(given_, true) ? nullptr : &message_;
  }
  void Report(const ClaimedTouch&, Outcome outcome) override {
    this->outcome = std::move(outcome);
  }
  bool ended() const override { return given_; }
  bool cancelled() const override { return false; }
  int ready_fd() const override { return -1; }  // nothing more will come
  std::chrono::milliseconds patience() const override {
    return std::chrono::seconds(1);
  }
  Outcome outcome{OutcomeClass::kUnknown, "the adapter gave no outcome"};

 private:
  const ClaimedTouch& message_;
  bool given_ = false;
};

}  // namespace

Outcome SendOne(Adapter& adapter, const ClaimedTouch& message) {
  SingleOutbox outbox(message);
  try {
    adapter.Send(outbox);
  } catch (const std::exception& e) {
    return {OutcomeClass::kUnknown, e.what()};
  }
  return outbox.outcome;
}

}  // namespace rekindle
