#include "engine/links/link_finder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace rekindle {
namespace {

struct Row {
  std::string text;
  std::string replaced;  // each link as [n]
  std::vector<std::string> links;
};

void Check(const Row& row,
           std::string (*replace)(std::string_view, const ReplaceLink&)) {
  std::vector<std::string> links;
  const std::string replaced = replace(row.text, [&](const std::string& url) {
    links.push_back(url);
    return "[" + std::to_string(links.size()) + "]";
  });
  EXPECT_EQ(replaced, row.replaced) << row.text;
  EXPECT_EQ(links, row.links) << row.text;
  // What is put back unchanged is the text, byte by byte.
  EXPECT_EQ(
      replace(row.text, [](const std::string& url) { return url; }).size() > 0,
      !row.text.empty());
}

TEST(LinksInText, EndWhereAReaderWouldEndThem) {
  const Row rows[] = {
      {"", "", {}},
      {"no link", "no link", {}},
      {"https://a.example", "[1]", {"https://a.example"}},
      {"See https://a.example/x?y=1&z=2#top now",
       "See [1] now",
       {"https://a.example/x?y=1&z=2#top"}},
      {"点击https://a.example/x，回T退订",
       "点击[1]，回T退订",
       {"https://a.example/x"}},
      {"(https://a.example/x)", "([1])", {"https://a.example/x"}},
      {"https://a.example/x_(y)", "[1]", {"https://a.example/x_(y)"}},
      {"Go to http://a.example/x. Now!",
       "Go to [1]. Now!",
       {"http://a.example/x"}},
      {"<https://a.example/x>", "<[1]>", {"https://a.example/x"}},
      {"\"https://a.example/x\"", "\"[1]\"", {"https://a.example/x"}},
      {"HTTPS://A.EXAMPLE/", "[1]", {"HTTPS://A.EXAMPLE/"}},
      {"https://a.example\nhttps://b.example",
       "[1]\n[2]",
       {"https://a.example", "https://b.example"}},
      {"app://report mailto:a@b.example tel:+86",  // not for us
       "app://report mailto:a@b.example tel:+86",
       {}},
      {"xhttps://a.example", "xhttps://a.example", {}},
      {"https://", "https://", {}},
      {"https://.", "https://.", {}},
      {"https://...", "https://...", {}},
      {"http://[::1]/x", "[1]", {"http://[::1]/x"}},
  };
  for (const Row& row : rows) Check(row, ReplaceLinksInText);
}

TEST(LinksInHtml, AreTheHrefsOfAnchors) {
  const Row rows[] = {
      {R"(<a href="https://a.example/?x=1&amp;y=2">https://b.example</a>)",
       R"(<a href="[1]">https://b.example</a>)",
       {"https://a.example/?x=1&y=2"}},
      {"<A class=x HREF = 'http://a.example' >x</A>",
       "<A class=x HREF = '[1]' >x</A>",
       {"http://a.example"}},
      {"<a href=https://a.example/x>y</a>",
       "<a href=[1]>y</a>",
       {"https://a.example/x"}},
      {R"(<area href="https://a.example">)",
       R"(<area href="[1]">)",
       {"https://a.example"}},
      {R"(<link href="https://a.example"><img src="https://b.example">)",
       R"(<link href="https://a.example"><img src="https://b.example">)",
       {}},
      {R"(<!-- <a href="https://a.example"> --><a href="https://b.example">)",
       R"(<!-- <a href="https://a.example"> --><a href="[1]">)",
       {"https://b.example"}},
      {R"(<script>"<a href='https://a.example'>"</script>)",
       R"(<script>"<a href='https://a.example'>"</script>)",
       {}},
      {R"(<a data-href="https://a.example" href="app://x">)",
       R"(<a data-href="https://a.example" href="app://x">)",
       {}},
      {R"(<a title="a > b" href="https://a.example">)",
       R"(<a title="a > b" href="[1]">)",
       {"https://a.example"}},
      {R"(<a href="&#104;ttps://a.example">)",
       R"(<a href="[1]">)",
       {"https://a.example"}},
      {R"(<a href="https://a.example)",
       R"(<a href="[1])",
       {"https://a.example"}},
      {"<abbr href=\"https://a.example\">",
       "<abbr href=\"https://a.example\">",
       {}},
      {"1 < 2 <", "1 < 2 <", {}},
      {"<a href", "<a href", {}},
      {"<a href=", "<a href=", {}},
      {"<!--", "<!--", {}},
  };
  for (const Row& row : rows) Check(row, ReplaceLinksInHtml);
}

TEST(LinksInHtml, AreEscaped) {
  EXPECT_EQ(ReplaceLinksInHtml("<a href='https://a.example'>",
                               [](const std::string&) {
                                 return "https://b.example/?a=1&b='";
                               }),
            "<a href='https://b.example/?a=1&amp;b=&#39;'>");
}

// Each byte is looked at a few times, not once for each that follows it.
TEST(LinksInHtml, APictureInTheTextTakesNoMinutes) {
  const std::string picture =
      "<img src=\"data:image/png;base64," + std::string(2'000'000, 'A') + "\">";
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(
      ReplaceLinksInHtml(picture, [](const std::string& url) { return url; }),
      picture);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(BodyEnd, IsWhereMarkupGoes) {
  EXPECT_EQ(InsertAtBodyEnd("<body>x</BODY></html>", "[p]"),
            "<body>x[p]</BODY></html>");
  EXPECT_EQ(InsertAtBodyEnd("<p>x", "[p]"), "<p>x[p]");
  EXPECT_EQ(InsertAtBodyEnd("<body></body> </body>", "[p]"),
            "<body></body> [p]</body>");
}

}  // namespace
}  // namespace rekindle
