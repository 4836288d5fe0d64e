package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lines of a stream that may break off, or never end. */
class LineReaderTests {

  /** Gives what it has in pieces of any size. */
  private static InputStream pieces(byte[] octets, Random random) {
    return new FilterInputStream(new ByteArrayInputStream(octets)) {
      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        return super.read(into, from, Math.min(length, 1 + random.nextInt(5000)));
      }
    };
  }

  private static LineReader reader(String text) {
    return new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 1 << 20);
  }

  @Test
  void linesOfAnyLengthInAnyPieces() throws IOException {
    Random random = new Random(5);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      lines.add("ä".repeat(random.nextInt(i % 10 == 0 ? 60_000 : 300)));
    }
    byte[] octets = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    LineReader reader = new LineReader(pieces(octets, random), 1 << 20);
    for (String line : lines) {
      assertThat(reader.next()).isEqualTo(line);
    }
    assertThat(reader.next()).isNull();
  }

  @Test
  void lineThatBreaksOffIsNone() throws IOException {
    LineReader reader = reader("one\ntw");
    assertThat(reader.next()).isEqualTo("one");
    assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
  }

  @Test
  void lineThatNeverEndsIsRefused() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };
    LineReader reader = new LineReader(endless, 100_000);
    assertThatThrownBy(reader::next)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("longer than 100000");
  }

  @Test
  void whatIsNotUtf8IsRefused() {
    LineReader reader =
        new LineReader(new ByteArrayInputStream(new byte[] {'{', (byte) 0xff, '\n'}), 100);
    assertThatThrownBy(reader::next).isInstanceOf(CharacterCodingException.class);
  }
}
