// What the tests of channels share.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "channels/adapter.h"
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

// Sends all and gives the outcomes in order; each must be reported once.
inline std::vector<Outcome> SendAll(Adapter& adapter,
                                    const std::vector<ClaimedTouch>& touches) {
  std::vector<std::optional<Outcome>> reported(touches.size());
  adapter.Send(touches, [&](size_t i, Outcome outcome) {
    EXPECT_LT(i, reported.size());
    EXPECT_FALSE(reported[i].has_value()) << "reported twice: " << i;
    reported[i] = std::move(outcome);
  });
  std::vector<Outcome> outcomes;
  for (auto& outcome : reported) {
    EXPECT_TRUE(outcome.has_value()) << "not reported";
    outcomes.push_back(outcome.value_or(Outcome()));
  }
  return outcomes;
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
