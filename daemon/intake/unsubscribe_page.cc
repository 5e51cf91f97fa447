#include "daemon/intake/unsubscribe_page.h"

#include <fmt/format.h>

#include "config/templates/escape.h"

namespace rekindle {
namespace {

constexpr std::string_view kStyle =
    "body{margin:0;min-height:100vh;display:flex;align-items:center;"
    "justify-content:center;font:16px/1.6 system-ui,\"PingFang SC\","
    "\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif;color:#1d2430;"
    "background:#f7f8fa}"
    "main{max-width:26rem;margin:1rem;padding:1.6rem 1.8rem;background:#fff;"
    "border:1px solid #e4e7ec;border-radius:10px}"
    "h1{font-size:1.25rem;margin:0 0 .6rem}p{margin:.4rem 0 1rem;"
    "color:#667085}"
    "button{font:inherit;width:100%;padding:.6rem;margin:.3rem 0;"
    "border-radius:8px;border:1px solid #c2410c;background:#c2410c;color:#fff;"
    "cursor:pointer}"
    "button.second{background:none;color:#c2410c}"
    "a{color:#667085;font-size:.9rem}"
    "@media (prefers-color-scheme:dark){body{color:#e6e9ef;background:#12161d}"
    "main{background:#1a202b;border-color:#2c3340}p,a{color:#98a2b3}}";

std::string Page(std::string_view language, std::string_view title,
                 std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><title>{}</title>"
      "<style>{}</style></head>\n<body><main><h1>{}</h1>\n{}</main></body>"
      "</html>\n",
      language == "en" ? "en" : "zh-CN", title, kStyle, title, body);
}

std::string LanguageLink(std::string_view language, std::string_view path) {
  return language == "en"
             ? fmt::format("<a href=\"{}?lang=zh\" lang=\"zh-CN\">中文</a>\n",
                           EscapeHtml(path))
             : fmt::format("<a href=\"{}?lang=en\" lang=\"en\">English</a>\n",
                           EscapeHtml(path));
}

std::string Button(std::string_view text, std::string_view scope, bool second) {
  return fmt::format("<button name=\"from\" value=\"{}\"{}>{}</button>\n",
                     scope, second ? " class=\"second\"" : "", text);
}

}  // namespace

std::string AskPage(std::string_view language, std::string_view topic,
                    std::string_view path) {
  const bool en = language == "en";
  const std::string shown = EscapeHtml(topic);
  std::string body =
      fmt::format("<p>{}</p>\n<form method=\"post\" action=\"{}?lang={}\">\n",
                  en ? "You will get no more of these messages."
                     : "确认后，您将不再收到此类消息。",
                  EscapeHtml(path), en ? "en" : "zh");
  if (topic.empty()) {
    body += Button(en ? "Unsubscribe" : "确认退订", "channel", false);
  } else {
    body +=
        Button(en ? "Unsubscribe from “" + shown + "”" : "退订“" + shown + "”",
               "topic", false);
    body += Button(en ? "Unsubscribe from all messages of this kind of channel"
                      : "退订此渠道的全部消息",
                   "channel", true);
  }
  body += "</form>\n" + LanguageLink(language, path);
  return Page(language, en ? "Unsubscribe?" : "退订消息？", body);
}

std::string DonePage(std::string_view language, std::string_view path) {
  const bool en = language == "en";
  return Page(
      language, en ? "You are unsubscribed" : "已退订",
      fmt::format("<p>{}</p>\n", en ? "It holds from now on." : "即刻生效。") +
          LanguageLink(language, path));
}

std::string GonePage(std::string_view language) {
  const bool en = language == "en";
  return Page(
      language, en ? "This link leads nowhere" : "链接无效",
      fmt::format("<p>{}</p>\n", en ? "It is not one of ours, or not any more."
                                    : "此链接不存在或已失效。"));
}

}  // namespace rekindle
