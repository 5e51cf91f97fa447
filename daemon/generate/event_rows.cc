#include "daemon/generate/event_rows.h"

#include <utility>

#include "daemon/generate/row_text.h"

namespace rekindle {
namespace {

void AppendOptional(std::string* out, int number) {
  *out += ',';
  if (number > 0) AppendNumber(out, number);
}

}  // namespace

EventRows::EventRows(std::unique_ptr<TextOutput> out) : out_(std::move(out)) {
  pending_ =
      "user_id,timestamp,event,message_id,item,amount,distance_km,minutes,"
      "name\n";
}

void EventRows::StartDay(LocalDay day) {
  date_ = FormatDay(day) + "T";
  short_date_ = "-";
  AppendCompactDay(&short_date_, day);
  short_date_ += '-';
}

void EventRows::WriteHead(uint32_t user, int second, std::string_view event) {
  AppendUserId(&pending_, user);
  pending_ += ',';
  pending_ += date_;
  AppendClock(&pending_, second);
  pending_ += ',';
  pending_ += event;
  pending_ += ',';
}

void EventRows::WriteTail(const CarEvent& event) {
  pending_ += ',';
  pending_ += event.item;
  AppendOptional(&pending_, event.amount);
  AppendOptional(&pending_, event.distance / 10);
  if (event.distance > 0) {
    pending_ += event.distance < 10 ? "0." : ".";
    AppendNumber(&pending_, event.distance % 10);
  }
  AppendOptional(&pending_, event.minutes);
  pending_ += ',';
  pending_ += event.name;
  pending_ += '\n';
  ++count_;
  if (pending_.size() < kWriteAt) return;
  out_->Write(pending_);
  pending_.clear();
}

void EventRows::Write(uint32_t user, int place, const CarEvent& event) {
  WriteHead(user, event.second, event.event);
  AppendUserId(&pending_, user);
  pending_ += short_date_;
  AppendNumber(&pending_, place);
  WriteTail(event);
}

void EventRows::Write(uint32_t user, LocalDay day, std::string_view message_id,
                      const CarEvent& event) {
  StartDay(day);
  WriteHead(user, event.second, event.event);
  pending_ += message_id;
  WriteTail(event);
}

void EventRows::Finish() {
  out_->Write(pending_);
  pending_.clear();
  out_->Finish();
}

}  // namespace rekindle
