#include "channels/smtp/inline_images.h"

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using channel_testing::WriteAll;

TEST(InlineImages, AreWhatTheHtmlShows) {
  struct Row {
    const char* html;
    std::vector<std::string> names;
    const char* with_domain;
  };
  const Row rows[] = {
      {R"(<img src="cid:a.png"><img src='cid:b-1.jpg'><img src="cid:a.png">)",
       {"a.png", "b-1.jpg"},
       R"(<img src="cid:a.png@d"><img src='cid:b-1.jpg@d'><img src="cid:a.png@d">)"},
      {"<td style=\"background:url(cid:bg.gif)\">",
       {"bg.gif"},
       "<td style=\"background:url(cid:bg.gif@d)\">"},
      {"acid:rain cid:x <img src=\"cid:\">",
       {},
       "acid:rain cid:x <img src=\"cid:\">"},
      {"", {}, ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ImageNamesIn(row.html), row.names) << row.html;
    EXPECT_EQ(WithDomain(row.html, "d"), row.with_domain);
  }
}

TEST(ImageFolderTest, SaysWhichIsMissing) {
  testing::TempDir dir;
  WriteAll(dir / "logo.png", "png");
  WriteAll(dir / "large.gif", std::string(1'000'001, 'x'));
  WriteAll(dir / "letter.txt", "text");
  ImageFolder folder(dir.path());
  struct Row {
    const char *name, *problem;
  };
  const Row rows[] = {
      {"logo.png", ""},
      {"none.png",
       "image \"none.png\" is not in the channel's folder of images"},
      {"large.gif", "image \"large.gif\" is larger than 1 MB"},
      {"letter.txt",
       "image \"letter.txt\" is no .png, .jpg, .gif, .webp or .svg"},
  };
  for (const Row& row : rows) {
    const auto images =
        folder.ImagesOf("<img src=\"cid:" + std::string(row.name) + "\">");
    EXPECT_EQ(images ? "" : images.error().message, row.problem);
  }
  const auto images = folder.ImagesOf("<img src=\"cid:logo.png\">");
  ASSERT_TRUE(images);
  EXPECT_EQ(images->at(0).type, "image/png");
  EXPECT_EQ(images->at(0).bytes, "png");
}

TEST(ImageFolderTest, NeedsAFolder) {
  const auto images = ImageFolder({}).ImagesOf("<img src=\"cid:logo.png\">");
  ASSERT_FALSE(images);
  EXPECT_EQ(images.error().message,
            "image \"logo.png\" needs the channel's setting images");
}

}  // namespace
}  // namespace rekindle
