#include "daemon/session/notice_text.h"

#include <fmt/format.h>

#include "config/base/words.h"

namespace rekindle {
namespace {

// One language's words and how its lists are written.
class Writer {
 public:
  Writer(const Texts& texts, std::string language)
      : texts_(texts), language_(std::move(language)) {}

  bool chinese() const { return language_ == "zh"; }
  std::string Word(const std::string& key, const std::string& otherwise) const {
    return texts_.Find(key, language_).value_or(otherwise);
  }
  std::string Cause(const std::string& cause) const {
    if (cause.starts_with("users ")) {
      return Word("cause.users", "users") + cause.substr(5);
    }
    return Word("cause." + cause, cause);
  }
  std::string Figure(const std::string& key, int64_t count) const {
    return fmt::format("{} {}", Word(key, key), count);
  }

 private:
  const Texts& texts_;
  const std::string language_;
};

std::string Causes(const Notice& notice, const Writer& writer) {
  std::vector<std::string> words;
  for (const std::string& cause : notice.causes) {
    words.push_back(writer.Cause(cause));
  }
  return Join(words, writer.chinese() ? "、" : ", ");
}

std::string Figures(const SlotRow& slot, int64_t failed, const Writer& writer) {
  std::vector<std::string> figures = {writer.Figure("matched", slot.matched),
                                      writer.Figure("eligible", slot.eligible),
                                      writer.Figure("treated", slot.treated),
                                      writer.Figure("held_out", slot.held_out)};
  for (const auto& [reason, users] : slot.skipped) {
    figures.push_back(
        fmt::format("{} {}", writer.Word("reason." + reason, reason), users));
  }
  if (failed > 0) figures.push_back(writer.Figure("failed", failed));
  return Join(figures, writer.chinese() ? "，" : ", ");
}

std::string Lines(const Notice& notice, const std::string& name,
                  const std::optional<SlotRow>& slot, int64_t failed,
                  const Calendar& calendar, const Writer& writer) {
  const std::string colon = writer.chinese() ? "：" : ": ";
  std::string lines = fmt::format(
      "{}{}{} ({})\n{}{}{}\n{}\n", writer.Word("rule", "rule"), colon, name,
      notice.rule_id, writer.Word("slot", "slot"), colon,
      calendar.FormatMinute(notice.slot), Causes(notice, writer));
  if (slot) lines += Figures(*slot, failed, writer) + "\n";
  return lines;
}

bool IsTitle(std::string_view key) {
  return key == "title" || key == "subject";
}
bool IsText(std::string_view key) { return key == "text" || key == "body"; }
bool IsUrl(std::string_view key) { return key == "url" || key == "link"; }

}  // namespace

NoticeText WriteNotice(const Notice& notice, const Rule* rule,
                       const std::optional<SlotRow>& slot, int64_t failed,
                       const std::string& pages_url, const Calendar& calendar,
                       const Texts& texts) {
  const Writer chinese(texts, "zh");
  const Writer english(texts, "en");
  NoticeText text;
  text.title = fmt::format("Rekindle {}: {} / {}", notice.rule_id,
                           Causes(notice, chinese), Causes(notice, english));
  text.body = Lines(notice, rule == nullptr ? notice.rule_id : rule->name.zh,
                    slot, failed, calendar, chinese) +
              "\n" +
              Lines(notice, rule == nullptr ? notice.rule_id : rule->name.en,
                    slot, failed, calendar, english);
  if (pages_url.empty()) return text;
  text.url = fmt::format("{}/rules/{}", pages_url, notice.rule_id);
  text.body += text.url + "\n";
  return text;
}

NoticeText WriteChannelNotice(const Notice& notice,
                              const std::string& pages_url,
                              const std::string& language, const Texts& texts) {
  const std::string& standing = notice.causes.at(0);
  NoticeText text;
  text.title = fmt::format(
      "Rekindle: {} {}", notice.about_channel,
      texts.Find("notice." + standing, language).value_or(standing));
  text.body = notice.why.empty()
                  ? text.title
                  : fmt::format("{}: {}", text.title, notice.why);
  if (pages_url.empty()) return text;
  text.url = pages_url + "/channels";
  text.body += "\n" + text.url + "\n";
  return text;
}

std::vector<std::pair<std::string, std::string>> NoticeParts(
    const NoticeText& text, const AdapterTraits& traits) {
  if (traits.any_parts) {
    return {{"title", text.title}, {"text", text.body}, {"url", text.url}};
  }
  std::vector<std::pair<std::string, std::string>> parts;
  for (const std::string& key : traits.required_parts) {
    if (IsUrl(key)) {
      parts.emplace_back(key, text.url);
    } else {
      parts.emplace_back(key, IsTitle(key) ? text.title : text.body);
    }
  }
  for (const std::string& key : traits.optional_parts) {
    if (IsTitle(key)) parts.emplace_back(key, text.title);
    if (IsText(key)) parts.emplace_back(key, text.body);
    if (IsUrl(key) && !text.url.empty()) parts.emplace_back(key, text.url);
  }
  return parts;
}

}  // namespace rekindle
