package io.guardbee;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.text.TextContentRenderer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages for users, as a Markdown parser reads them. */
class ReadmeTest {

  private static final Path ROOT = Path.of("..");
  private static final Parser PARSER =
      Parser.builder().extensions(List.of(TablesExtension.create())).build();

  static Stream<Path> pages() {
    return Stream.of(
            "README.md",
            "CONTRIBUTING.md",
            "hsm-config/README.md",
            "provisioning-service/README.md",
            "broker-extension/README.md",
            "device-agent/README.md")
        .map(ROOT::resolve);
  }

  /** What a page consists of, where it matters here. */
  private static final class Parts extends AbstractVisitor {

    private final List<String> headings = new ArrayList<>();
    private final List<String> links = new ArrayList<>();
    private final List<FencedCodeBlock> blocks = new ArrayList<>();

    static Parts of(Path page) throws IOException {
      Parts parts = new Parts();
      PARSER.parse(Files.readString(page)).accept(parts);
      return parts;
    }

    @Override
    public void visit(Heading heading) {
      headings.add("#".repeat(heading.getLevel()) + " " + text(heading));
      visitChildren(heading);
    }

    @Override
    public void visit(Link link) {
      links.add(link.getDestination());
      visitChildren(link);
    }

    @Override
    public void visit(FencedCodeBlock block) {
      blocks.add(block);
    }

    private static String text(Node node) {
      // it sets code in quotation marks
      return TextContentRenderer.builder().build().render(node).strip().replace("\"", "");
    }
  }

  /** A code block that is not closed takes the headings after it in. */
  @ParameterizedTest
  @MethodSource("pages")
  void everyHeadingIsRenderedAsOne(Path page) throws IOException {
    List<String> written =
        Files.readAllLines(page).stream()
            .filter(line -> line.matches("##+ .*"))
            .map(line -> line.replaceAll("[`\"]", ""))
            .toList();
    List<String> rendered =
        Parts.of(page).headings.stream().filter(heading -> heading.startsWith("##")).toList();
    assertThat(rendered).isEqualTo(written);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyCodeBlockIsClosed(Path page) throws IOException {
    for (FencedCodeBlock block : Parts.of(page).blocks) {
      assertThat(block.getClosingFenceLength()).as(block.getLiteral()).isNotNull();
      assertThat(block.getLiteral().lines()).noneMatch(line -> line.startsWith("```"));
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsToAHeadingOrAFile(Path page) throws IOException {
    for (String link : Parts.of(page).links) {
      if (!link.contains("://")) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
        assertThat(target).as(link).exists();
        if (parts.length > 1) {
          assertThat(Parts.of(target).headings.stream().map(ReadmeTest::anchor))
              .as(link)
              .contains(parts[1]);
        }
      }
    }
  }

  /** As GitHub makes it. */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("^#+ ", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }
}
