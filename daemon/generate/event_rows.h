// Rows of the events file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "daemon/generate/car_day.h"
#include "daemon/generate/text_output.h"

namespace rekindle {

// Writes the header, then rows, and counts them.
class EventRows {
 public:
  explicit EventRows(std::unique_ptr<TextOutput> out);

  // Rows of one day follow. The id of each is made of the user, the day and the
  // event's place in the user's day, so that an event written twice, by
  // whichever call, is known as one.
  void StartDay(LocalDay day);
  void Write(uint32_t user, int place, const CarEvent& event);
  // A row with an id of its own.
  void Write(uint32_t user, LocalDay day, std::string_view message_id,
             const CarEvent& event);

  int64_t count() const { return count_; }
  void Finish();

 private:
  void WriteHead(uint32_t user, int second, std::string_view event);
  void WriteTail(const CarEvent& event);

  const std::unique_ptr<TextOutput> out_;
  std::string pending_;
  std::string date_;        // "2026-02-14T"
  std::string short_date_;  // "-20260214-"
  int64_t count_ = 0;
};

}  // namespace rekindle
