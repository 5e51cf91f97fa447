#include "config/templates/template_text.h"

#include <gtest/gtest.h>

#include <map>

namespace rekindle {
namespace {

std::optional<std::string> Lookup(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> kValues = {
      {"name", "小王"},
      {"email", "o'brien&co@x.example"},
      {"html", "<b>\"hi\"</b>"},
      {"blank", " \t"},
      {"empty", ""},
      {"last.order_paid.amount", "1234.5"},
      {"count.trip.30_days", "7"},
      {"created_at", "2026-02-03"},
      {"seen_at", "2026-02-03T23:05:09+08:00"},
      {"unix", "1770000000"},
      {"word", "straße ÉCOLE привет"},
      {"long", "一二三四五六七八九十"},
      {"城市", "上海"},
      {"minus", "-0.001"},
      {"braces", "{{name}}"},
  };
  auto found = kValues.find(name);
  if (found == kValues.end()) return std::nullopt;
  return found->second;
}

// The rendered text, or "missing: NAME", or "OFFSET: message".
std::string Render(const std::string& text,
                   Escaping escaping = Escaping::kNone) {
  size_t offset = 0;
  auto parsed = TemplateText::Parse(text, &offset);
  if (!parsed) {
    EXPECT_EQ(parsed.error().kind, ErrorKind::kConfiguration);
    return std::to_string(offset) + ": " + parsed.error().message;
  }
  auto rendered = parsed->Render(Lookup, escaping);
  if (rendered) return *rendered;
  EXPECT_EQ(rendered.error().kind, ErrorKind::kNotFound);
  return "missing: " + rendered.error().message;
}

TEST(TemplateText, Renders) {
  struct {
    const char* text;
    const char* rendered;
  } rows[] = {
      {"", ""},
      {"no variables, } }} or {", "no variables, } }} or {"},
      {"Hi {{name}}!", "Hi 小王!"},
      {"{{ name }}{{name}}", "小王小王"},
      {"a\n{{\n name\n}}\nb", "a\n小王\nb"},
      {"{{城市}}, {{count.trip.30_days}} trips", "上海, 7 trips"},
      {"{{{{ is two braces", "{{ is two braces"},
      {"{{{{name}}", "{{name}}"},
      {"{{braces}}", "{{name}}"},
      {"{{gone}}", "missing: gone"},
      {"{{name}} {{gone.too}}", "missing: gone.too"},
      {"{{empty}}", "missing: empty"},
      {"{{blank}}", "missing: blank"},
      {"{{gone | default: \"driver\"}}", "driver"},
      {"{{blank | default: 'dri\\'ver \\\\'}}", "dri'ver \\"},
      {"{{gone | default: 0}}", "0"},
      {"{{gone | default: \"\"}}", ""},
      {"{{gone | default: \"}} | {{\"}}", "}} | {{"},
      {"{{name | default: \"driver\"}}", "小王"},
      {"{{gone | default: \"x\" | upper}}", "X"},
      {"{{gone | upper | default: \"x\"}}", "x"},
      {"{{last.order_paid.amount | number: 2}}", "1234.50"},
      {"{{last.order_paid.amount | number: 0}}", "1234"},
      {"{{count.trip.30_days | number}}", "7"},
      {"{{minus | number: 2}}", "0.00"},
      {"{{name | number: 2}}", "missing: name"},
      {"{{name | number: 2 | default: \"-\"}}", "-"},
      {"{{created_at | date: \"%Y-%m-%d\"}}", "2026-02-03"},
      {"{{created_at | date}}", "2026-02-03"},
      {"{{seen_at | date: \"%-m月%-d日 %H:%M:%S %y %%\"}}",
       "2月3日 23:05:09 26 %"},
      {"{{unix | date}}", "missing: unix"},
      {"{{name | date}}", "missing: name"},
      {"{{word | upper}}", "STRAßE ÉCOLE ПРИВЕТ"},
      {"{{word | lower}}", "straße école привет"},
      {"{{long | truncate: 4}}", "一二三…"},
      {"{{long | truncate: 1}}", "…"},
      {"{{long | truncate: 10}}", "一二三四五六七八九十"},
      {"{{name|truncate:99|upper}}", "小王"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Render(row.text), row.rendered) << row.text;
  }
}

TEST(TemplateText, EscapesValuesNotTheText) {
  EXPECT_EQ(Render("<i>{{html}}</i> & {{email}}", Escaping::kHtml),
            "<i>&lt;b&gt;&quot;hi&quot;&lt;/b&gt;</i> & "
            "o&#39;brien&amp;co@x.example");
  EXPECT_EQ(Render("app://r?c={{城市}}&e={{email}}&t=a-b", Escaping::kUrl),
            "app://r?c=%E4%B8%8A%E6%B5%B7&e=o%27brien%26co%40x.example&t=a-b");
  EXPECT_EQ(Render("{{html}}", Escaping::kNone), "<b>\"hi\"</b>");
  // Escaping comes last: a cut never falls into an escaped character.
  EXPECT_EQ(Render("{{html | truncate: 2}}", Escaping::kHtml), "&lt;…");
}

TEST(TemplateText, SaysWhatIsWrongAndWhere) {
  struct {
    const char* text;
    const char* error;
  } rows[] = {
      {"Hi {{name", "3: \"{{\" is never closed"},
      {"Hi {{", "3: \"{{\" is never closed"},
      {"Hi {{name | upper", "3: \"{{\" is never closed"},
      {"Hi {{name}", "3: \"{{\" is never closed"},
      {"中{{name | ", "3: \"{{\" is never closed"},
      {"Hi {{}}", "5: expected a variable's name in {{...}}"},
      {"Hi {{ \"x\" }}", "6: expected a variable's name in {{...}}"},
      {"{{{name}}}", "2: expected a variable's name in {{...}}"},
      {"{{.name}}", "2: \".name\" is not a variable's name"},
      {"{{a..b}}", "2: \"a..b\" is not a variable's name"},
      {"{{first name}}", "8: expected \"|\" or \"}}\" in {{...}}"},
      {"{{name | }}", "9: expected a filter's name in {{...}}"},
      {"{{name | uper}}",
       "9: unknown filter \"uper\"; did you mean \"upper\"?"},
      {"{{name | capitalize}}",
       "9: unknown filter \"capitalize\"; expected default, number, date, "
       "upper, lower or truncate"},
      {"{{name | default}}", "9: default needs a text: default: \"driver\""},
      {"{{name | default: }}",
       "18: expected a number or a text in quotes in {{...}}"},
      {"{{name | default: \"x}}", "18: this quote is never closed"},
      {"{{name | default: \"x\" y}}",
       "22: expected \"|\" or \"}}\" in {{...}}"},
      {"{{name | upper: 3}}", "9: upper takes no argument"},
      {"{{name | number: two}}",
       "9: number takes its decimals, 0 to 9: number: 2"},
      {"{{name | number: 10}}",
       "9: number takes its decimals, 0 to 9: number: 2"},
      {"{{name | truncate}}",
       "9: truncate needs a number of characters: truncate: 10"},
      {"{{name | truncate: 0}}",
       "9: truncate needs a number of characters: truncate: 10"},
      {"{{name | date: \"%Y %Q\"}}",
       "9: date does not know \"%Q\"; it knows %Y %y %m %d %H %M %S and %%"},
      {"{{name | date: \"50%\"}}",
       "9: date does not know \"%\"; it knows %Y %y %m %d %H %M %S and %%"},
      {"{{name | date: \"%-%\"}}",
       "9: date does not know \"%-%\"; it knows %Y %y %m %d %H %M %S and %%"},
  };
  for (const auto& row : rows) EXPECT_EQ(Render(row.text), row.error);
}

TEST(TemplateText, NamesItsVariablesOnce) {
  auto text = TemplateText::Parse(
      "{{b}} {{a | upper}} {{b | default: \"x\"}} {{{{c}}", nullptr);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->Variables(), (std::vector<std::string>{"b", "a"}));
  EXPECT_FALSE(TemplateText::Parse("{{", nullptr));
}

}  // namespace
}  // namespace rekindle
