#include "engine/import/csv_events.h"

#include <utility>

#include "config/base/json_text.h"
#include "engine/import/csv_header.h"
#include "engine/intake/cells.h"

namespace rekindle {
namespace {

const CsvColumns& Columns() {
  static const CsvColumns columns = {
      .required = {"user_id", "timestamp", "event"},
      .optional = {"message_id"},
      .others = true};
  return columns;
}

class EventReader : public CsvRowReader {
 public:
  EventReader(CsvHeader header, const Calendar& calendar)
      : header_(std::move(header)),
        calendar_(calendar),
        user_id_(header_.At("user_id")),
        timestamp_(header_.At("timestamp")),
        event_(header_.At("event")),
        message_id_(header_.Find("message_id")) {
    for (size_t i = 0; i < header_.names().size(); ++i) {
      if (i == user_id_ || i == timestamp_ || i == event_ || i == message_id_) {
        continue;
      }
      std::string key;
      AppendJsonString(&key, header_.names()[i]);
      properties_.emplace_back(i, key + ':');
    }
  }

  Result<InputRow> Read(const CsvCells& cells,
                        TextArena& arena) const override {
    if (Status s = header_.CheckWidth(cells); !s) {
      return tl::make_unexpected(s.error());
    }
    if (Status s = CheckFilled("user_id", cells[user_id_]); !s) {
      return tl::make_unexpected(s.error());
    }
    if (Status s = CheckFilled("event", cells[event_]); !s) {
      return tl::make_unexpected(s.error());
    }
    Result<Moment> when = ReadMoment("timestamp", cells[timestamp_], calendar_);
    if (!when) return tl::make_unexpected(when.error());
    MessageView message;
    message.user_id = cells[user_id_];
    message.event = cells[event_];
    message.when = *when;
    if (message_id_) message.id = HashOfId(cells[*message_id_]);
    message.properties = arena.Keep(Properties(cells));
    message.properties_checked = true;
    return message;
  }

 private:
  std::string Properties(const CsvCells& cells) const {
    std::string json;
    for (const auto& [column, key] : properties_) {
      if (cells[column].empty()) continue;
      json += json.empty() ? '{' : ',';
      json += key;
      AppendJsonString(&json, cells[column]);
    }
    if (!json.empty()) json += '}';
    return json;
  }

  const CsvHeader header_;
  const Calendar calendar_;
  const size_t user_id_, timestamp_, event_;
  const std::optional<size_t> message_id_;
  std::vector<std::pair<size_t, std::string>> properties_;  // column, "key":
};

}  // namespace

Result<std::unique_ptr<CsvRowReader>> MakeEventReader(
    const std::vector<std::string>& header, const Calendar& calendar) {
  Result<CsvHeader> columns = CsvHeader::Read(header, Columns());
  if (!columns) return tl::make_unexpected(columns.error());
  return std::make_unique<EventReader>(std::move(*columns), calendar);
}

}  // namespace rekindle
