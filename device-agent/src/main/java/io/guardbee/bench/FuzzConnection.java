package io.guardbee.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Sends octets that need not be HTTP and reads what comes back; connects again whenever the server
 * has closed. Not thread-safe.
 */
final class FuzzConnection implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 400;
  private static final int LONGEST_LINE = 16_384;

  private final URI server;
  private final SSLContext tls;
  private @Nullable SSLSocket socket;
  private @Nullable InputStream in;

  FuzzConnection(URI server, SSLContext tls) {
    this.server = server;
    this.tls = tls;
  }

  /**
   * An answer.
   *
   * @param status 0 when the server closed without a word, or waits for more
   */
  record Answer(int status, String body) {}

  Answer send(byte[] request) throws IOException {
    SSLSocket open = socket();
    try {
      open.getOutputStream().write(request);
      open.getOutputStream().flush();
      Answer answer = read(in());
      if (answer.status() == 0 || answer.status() >= 400) {
        close(); // what is left of a broken request must not begin the next one
      }
      return answer;
    } catch (SocketTimeoutException e) {
      close(); // it rightly waits for the rest
      return new Answer(0, "");
    } catch (IOException e) {
      close();
      return new Answer(0, "");
    }
  }

  private SSLSocket socket() throws IOException {
    if (socket == null) {
      socket = (SSLSocket) tls.getSocketFactory().createSocket(server.getHost(), server.getPort());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    }
    return socket;
  }

  private InputStream in() throws IOException {
    if (in == null) {
      throw new IOException("closed");
    }
    return in;
  }

  private static Answer read(InputStream in) throws IOException {
    String status = line(in);
    while (status.contains(" 100 ")) { // RFC 9110 §15.2: the final answer follows
      line(in);
      status = line(in);
    }
    if (status.isEmpty()) {
      return new Answer(0, "");
    }
    int length = 0;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(header.indexOf(':') + 1).strip());
      }
    }
    String[] words = status.split(" ", -1);
    return new Answer(
        words.length > 1 && words[1].matches("[0-9]{3}") ? Integer.parseInt(words[1]) : 0,
        new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int octet;
    while ((octet = in.read()) != '\n' && octet >= 0 && line.length() < LONGEST_LINE) {
      if (octet != '\r') {
        line.append((char) octet);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // it is gone either way
    }
    socket = null;
    in = null;
  }
}
