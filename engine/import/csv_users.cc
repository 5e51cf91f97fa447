#include "engine/import/csv_users.h"

#include <string_view>
#include <utility>

#include "config/base/json_text.h"
#include "config/base/words.h"
#include "engine/import/csv_events.h"
#include "engine/import/csv_header.h"
#include "engine/intake/cells.h"

namespace rekindle {
namespace {

using Names = std::vector<std::string>;

class UserReader : public CsvRowReader {
 public:
  explicit UserReader(CsvHeader header) : header_(std::move(header)) {
    for (const std::string& name : header_.names()) {
      std::string key;
      AppendJsonString(&key, name);
      keys_.push_back(key + ':');
    }
  }

  Result<InputRow> Read(const CsvCells& cells, TextArena&) const override {
    if (Status s = header_.CheckWidth(cells); !s) {
      return tl::make_unexpected(s.error());
    }
    Engine::UserRow row;
    row.user_id = header_.Cell(cells, "user_id");
    if (Status s = CheckFilled("user_id", row.user_id); !s) {
      return tl::make_unexpected(s.error());
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      if (Status s = Take(i, cells[i], &row); !s) {
        return tl::make_unexpected(s.error());
      }
    }
    row.json_object += row.json_object.empty() ? "{}" : "}";
    return row;
  }

 private:
  Status Take(size_t column, std::string_view cell,
              Engine::UserRow* row) const {
    const std::string& name = header_.names()[column];
    if (name == "user_id") return {};
    if (name.starts_with(kConsentPrefix)) {
      Result<bool> granted = ReadBool(name, cell);
      if (!granted) return tl::make_unexpected(granted.error());
      row->consents.emplace_back(name.substr(kConsentPrefix.size()), *granted);
      return {};
    }
    std::string& json = row->json_object;
    json += json.empty() ? '{' : ',';
    json += keys_[column];
    if (IsAddress(name) && cell.find(';') != std::string::npos) {
      AppendList(&json, cell);
    } else {
      AppendJsonString(&json, cell);
    }
    return {};
  }

  // Several addresses stand in one cell, as in exports of lists.
  static void AppendList(std::string* json, std::string_view cell) {
    *json += '[';
    for (const std::string& one : Split(cell, ';')) {
      if (Trim(one).empty()) continue;
      if (json->back() != '[') *json += ',';
      AppendJsonString(json, Trim(one));
    }
    *json += ']';
  }

  static bool IsAddress(std::string_view name) {
    return name == "email" || name == "phone" || name == "push_token";
  }

  const CsvHeader header_;
  Names keys_;  // "name":
};

class TagReader : public CsvRowReader {
 public:
  explicit TagReader(CsvHeader header) : header_(std::move(header)) {}

  Result<InputRow> Read(const CsvCells& cells, TextArena&) const override {
    if (Status s = header_.CheckWidth(cells); !s) {
      return tl::make_unexpected(s.error());
    }
    Engine::UserRow row;
    row.json_object = "{}";
    row.user_id = header_.Cell(cells, "user_id");
    const std::string_view tag = header_.Cell(cells, "tag");
    const std::string_view present = header_.Cell(cells, "present");
    if (Status s = CheckFilled("user_id", row.user_id); !s) {
      return tl::make_unexpected(s.error());
    }
    if (Status s = CheckFilled("tag", tag); !s) {
      return tl::make_unexpected(s.error());
    }
    Result<bool> set = true;
    if (!present.empty()) set = ReadBool("present", present);
    if (!set) return tl::make_unexpected(set.error());
    row.tags.emplace_back(tag, *set);
    return row;
  }

 private:
  const CsvHeader header_;
};

class SuppressionReader : public CsvRowReader {
 public:
  SuppressionReader(CsvHeader header, const Calendar& calendar)
      : header_(std::move(header)), calendar_(calendar) {}

  Result<InputRow> Read(const CsvCells& cells, TextArena&) const override {
    if (Status s = header_.CheckWidth(cells); !s) {
      return tl::make_unexpected(s.error());
    }
    Suppression entry;
    entry.channel = header_.Cell(cells, "channel");
    entry.address = header_.Cell(cells, "address");
    entry.user_id = header_.Cell(cells, "user_id");
    entry.reason = header_.Cell(cells, "reason");
    if (entry.reason.empty()) entry.reason = "imported";
    if (entry.address.empty() && entry.user_id.empty()) {
      return Fail(ErrorKind::kUsage, "neither address nor user_id is given");
    }
    const std::string_view at = header_.Cell(cells, "at");
    if (at.empty()) return entry;
    Result<Moment> when = ReadMoment("at", at, calendar_);
    if (!when) return tl::make_unexpected(when.error());
    entry.at = when->at;
    return entry;
  }

 private:
  const CsvHeader header_;
  const Calendar& calendar_;
};

class TouchReader : public CsvRowReader {
 public:
  TouchReader(CsvHeader header, const Calendar& calendar)
      : header_(std::move(header)), calendar_(calendar) {}

  Result<InputRow> Read(const CsvCells& cells, TextArena&) const override {
    if (Status s = header_.CheckWidth(cells); !s) {
      return tl::make_unexpected(s.error());
    }
    for (const char* name : {"rule_id", "user_id"}) {
      if (Status s = CheckFilled(name, header_.Cell(cells, name)); !s) {
        return tl::make_unexpected(s.error());
      }
    }
    Result<Moment> when =
        ReadMoment("timestamp", header_.Cell(cells, "timestamp"), calendar_);
    if (!when) return tl::make_unexpected(when.error());
    const std::string_view arm = header_.Cell(cells, "arm");
    bool treated = arm == ArmName(Arm::kTreated);
    if (!treated && arm != ArmName(Arm::kHeldOut)) {
      return Fail(ErrorKind::kUsage, "arm: \"" + std::string(arm) +
                                         "\" is not treated or held_out");
    }
    TouchInput touch;
    touch.rule_id = header_.Cell(cells, "rule_id");
    touch.user_id = header_.Cell(cells, "user_id");
    touch.when = *when;
    touch.arm = treated ? Arm::kTreated : Arm::kHeldOut;
    touch.channel = header_.Cell(cells, "channel");
    touch.variant = header_.Cell(cells, "variant");
    return touch;
  }

 private:
  const CsvHeader header_;
  const Calendar calendar_;
};

class ReceiptReader : public CsvRowReader {
 public:
  ReceiptReader(CsvHeader header, const Calendar& calendar)
      : header_(std::move(header)), calendar_(calendar) {}

  Result<InputRow> Read(const CsvCells& cells, TextArena&) const override {
    if (Status s = header_.CheckWidth(cells); !s) {
      return tl::make_unexpected(s.error());
    }
    ReceiptInput row;
    Receipt& receipt = row.receipt;
    receipt.touch_id = header_.Cell(cells, "touch_id");
    if (Status s = CheckFilled("touch_id", receipt.touch_id); !s) {
      return tl::make_unexpected(s.error());
    }
    const std::string_view word = header_.Cell(cells, "state");
    const auto state = ParseReceiptState(word);
    if (!state) {
      return Fail(ErrorKind::kUsage, "state: unknown state \"" +
                                         std::string(word) + "\"" +
                                         Suggestion(word, ReceiptStateNames()));
    }
    receipt.state = *state;
    receipt.channel = header_.Cell(cells, "channel");
    receipt.detail = header_.Cell(cells, "detail");
    const std::string_view time = header_.Cell(cells, "timestamp");
    if (time.empty()) return row;
    Result<Moment> when = ReadMoment("timestamp", time, calendar_);
    if (!when) return tl::make_unexpected(when.error());
    receipt.at = when->at;
    row.dated = true;
    return row;
  }

 private:
  const CsvHeader header_;
  const Calendar calendar_;
};

template <class Reader, class... More>
Result<std::unique_ptr<CsvRowReader>> Make(const Names& names,
                                           const CsvColumns& columns,
                                           const More&... more) {
  Result<CsvHeader> header = CsvHeader::Read(names, columns);
  if (!header) return tl::make_unexpected(header.error());
  return std::make_unique<Reader>(std::move(*header), more...);
}

}  // namespace

Result<std::unique_ptr<CsvRowReader>> MakeUserReader(const Names& header) {
  for (const std::string& name : header) {
    if (name == kConsentPrefix) {
      return Fail(ErrorKind::kUsage,
                  "the column \"consent.\" must name a topic, as in "
                  "\"consent.offers\"");
    }
  }
  return Make<UserReader>(
      header, {.required = {"user_id"},
               .optional = {"created_at", "time_zone", "language", "email",
                            "phone", "push_token"},
               .others = true});
}

Result<std::unique_ptr<CsvRowReader>> MakeTagReader(const Names& header) {
  return Make<TagReader>(
      header, {.required = {"user_id", "tag"}, .optional = {"present"}});
}

Result<std::unique_ptr<CsvRowReader>> MakeSuppressionReader(
    const Names& names, const Calendar& calendar) {
  Result<CsvHeader> header = CsvHeader::Read(
      names, {.optional = {"channel", "address", "user_id", "reason", "at"}});
  if (!header) return tl::make_unexpected(header.error());
  if (!header->Find("address") && !header->Find("user_id")) {
    return Fail(ErrorKind::kUsage,
                "the header lacks the column \"address\" or \"user_id\"");
  }
  return std::make_unique<SuppressionReader>(std::move(*header), calendar);
}

Result<std::unique_ptr<CsvRowReader>> MakeTouchReader(
    const Names& header, const Calendar& calendar) {
  return Make<TouchReader>(
      header,
      {.required = {"rule_id", "user_id", "timestamp", "arm"},
       .optional = {"channel", "variant"}},
      calendar);
}

Result<std::unique_ptr<CsvRowReader>> MakeReceiptReader(
    const Names& header, const Calendar& calendar) {
  return Make<ReceiptReader>(header,
                             {.required = {"touch_id", "state"},
                              .optional = {"timestamp", "detail", "channel"}},
                             calendar);
}

Result<std::unique_ptr<CsvRowReader>> MakeCsvRowReader(
    ImportWhat what, const Names& header, const Calendar& calendar) {
  switch (what) {
    case ImportWhat::kEvents:
      return MakeEventReader(header, calendar);
    case ImportWhat::kUsers:
      return MakeUserReader(header);
    case ImportWhat::kTags:
      return MakeTagReader(header);
    case ImportWhat::kSuppressions:
      return MakeSuppressionReader(header, calendar);
    case ImportWhat::kTouches:
      return MakeTouchReader(header, calendar);
    case ImportWhat::kReceipts:
      return MakeReceiptReader(header, calendar);
  }
  return Fail(ErrorKind::kUsage, "unknown kind of import");
}

}  // namespace rekindle
