package io.guardbee.broker.status;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lines of UTF-8, each ended by a line feed. What the stream breaks off in is no line: it is not to
 * be taken for one that cannot be read. For one thread.
 */
final class LineReader {

  private static final int ROOM = 1 << 14;

  private final InputStream in;
  private final int longest;
  private byte[] octets = new byte[ROOM];
  private int begin;
  private int end;

  /**
   * Reads nothing yet.
   *
   * @param longest octets of a line
   */
  LineReader(InputStream in, int longest) {
    this.in = in;
    this.longest = longest;
  }

  /**
   * The next line.
   *
   * @return null at the end of the stream
   * @throws EOFException when that is amid a line
   * @throws java.nio.charset.CharacterCodingException when it is not UTF-8
   * @throws IOException when it is too long, or as the stream
   */
  @Nullable String next() throws IOException {
    int searched = begin;
    while (true) {
      int at = indexOfLineFeed(searched);
      if (at >= 0) {
        ByteBuffer line = ByteBuffer.wrap(octets, begin, at - begin);
        String text = StandardCharsets.UTF_8.newDecoder().decode(line).toString();
        begin = at + 1;
        return text;
      }
      int held = end - begin;
      if (!fill()) {
        if (held > 0) {
          throw new EOFException("the stream ended amid a line");
        }
        return null;
      }
      searched = begin + held;
    }
  }

  private int indexOfLineFeed(int from) {
    for (int at = from; at < end; at++) {
      if (octets[at] == '\n') {
        return at;
      }
    }
    return -1;
  }

  private boolean fill() throws IOException {
    int held = end - begin;
    if (held > longest) {
      throw new IOException("a line is longer than " + longest + " octets");
    }
    if (end == octets.length) {
      byte[] room = held > octets.length / 2 ? new byte[2 * octets.length] : octets;
      System.arraycopy(octets, begin, room, 0, held);
      octets = room;
      begin = 0;
      end = held;
    }
    int read = in.read(octets, end, octets.length - end);
    end += Math.max(read, 0);
    return read >= 0;
  }
}
