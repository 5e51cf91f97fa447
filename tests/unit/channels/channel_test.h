// What the tests of channels share.
#pragma once

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "channels/adapter/adapter.h"
#include "channels/channel_factory.h"
#include "config/yaml/document.h"
#include "tests/support/temp_dir.h"

namespace rekindle::channel_testing {

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void WriteAll(const std::filesystem::path& path,
                     const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// 2026-02-01T02:00:00Z.
inline constexpr Instant kSlot =
    Instant(std::chrono::sys_days(std::chrono::year(2026) / 2 / 1) +
            std::chrono::hours(2));

inline ClaimedTouch MakeTouch(const std::string& id,
                              const std::string& address = "") {
  ClaimedTouch touch;
  touch.touch_id = id;
  touch.rule_id = "wake";
  touch.slot = kSlot;
  touch.planned_at = kSlot;
  touch.user_id = "user-" + id;
  touch.address = address;
  touch.parts = {{"subject", "Hello"}, {"text", "We miss you"}};
  touch.expires_at = kSlot + std::chrono::hours(24);
  return touch;
}

// Gives out what it was given, at once, and ends.
class ListOutbox : public Outbox {
 public:
  explicit ListOutbox(std::vector<ClaimedTouch> touches)
      : touches_(std::move(touches)),
        outcomes_(touches_.size()),
        ready_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~ListOutbox() override { close(ready_); }

  const ClaimedTouch* Next() override {
    return next_ < touches_.size() ? &touches_[next_++] : nullptr;
  }
  void Report(const ClaimedTouch& touch, Outcome outcome) override {
    auto& place = outcomes_.at(&touch - touches_.data());
    EXPECT_FALSE(place.has_value()) << "reported twice: " << touch.touch_id;
    place = std::move(outcome);
    if (reported) reported(touch);
  }
  bool ended() const override { return next_ == touches_.size(); }
  bool cancelled() const override { return cancelled_; }
  int ready_fd() const override { return ready_; }
  std::chrono::milliseconds patience() const override {
    return std::chrono::milliseconds(100);
  }
  // From any thread.
  void Cancel() {
    cancelled_ = true;
    const uint64_t one = 1;
    (void)!write(ready_, &one, sizeof one);
  }

  // In order; each must have been reported.
  std::vector<Outcome> Outcomes() {
    std::vector<Outcome> outcomes;
    for (auto& outcome : outcomes_) {
      EXPECT_TRUE(outcome.has_value()) << "not reported";
      outcomes.push_back(outcome.value_or(Outcome()));
    }
    return outcomes;
  }

  std::function<void(const ClaimedTouch&)> reported;

 private:
  const std::vector<ClaimedTouch> touches_;
  std::vector<std::optional<Outcome>> outcomes_;
  size_t next_ = 0;
  const int ready_;
  std::atomic<bool> cancelled_ = false;
};

// Sends all and gives the outcomes in order; each must be reported once.
inline std::vector<Outcome> SendAll(Adapter& adapter,
                                    std::vector<ClaimedTouch> touches) {
  ListOutbox outbox(std::move(touches));
  adapter.Send(outbox);
  return outbox.Outcomes();
}

// Channels from settings that must be right; `file` is where they stand.
inline std::vector<Channel> Channels(
    const std::string& settings, const std::string& file = "rekindle.yaml") {
  yaml::Diagnostics d;
  const auto node = yaml::Parse(file, settings, d);
  std::vector<Channel> channels;
  if (node) channels = ParseChannels(*node, d);
  EXPECT_TRUE(d.ok()) << d.Render();
  return channels;
}

// Whole error messages, as the user reads them, of settings that are wrong.
inline std::string ChannelErrors(const std::string& settings,
                                 const std::string& file = "rekindle.yaml") {
  yaml::Diagnostics d;
  const auto node = yaml::Parse(file, settings, d);
  if (node) ParseChannels(*node, d);
  return d.Render();
}

inline std::string_view What(const Outcome& outcome) {
  return OutcomeClassName(outcome.what);
}

}  // namespace rekindle::channel_testing
