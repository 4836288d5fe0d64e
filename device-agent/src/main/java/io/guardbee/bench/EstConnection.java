package io.guardbee.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * One kept TLS connection that speaks just enough HTTP/1.1 to cost next to nothing: the client is
 * not what is measured. Not thread-safe.
 */
final class EstConnection implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 30_000;
  private static final int LONGEST_LINE = 8192;

  private final SSLSocket socket;
  private final InputStream in;
  private final OutputStream out;
  private final String host;

  EstConnection(URI server, SSLContext tls) throws IOException {
    host = server.getHost() + ":" + server.getPort();
    socket = (SSLSocket) tls.getSocketFactory().createSocket(server.getHost(), server.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.startHandshake();
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** First enrolment; the certificate as the server sent it. */
  byte[] enroll(Candidate candidate) throws IOException {
    String credentials = candidate.id() + ":" + candidate.token().value();
    String basic =
        Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.US_ASCII));
    return post(
        "simpleenroll", "Authorization: Basic " + basic + "\r\n", candidate.request().base64());
  }

  /** Renewal by the certificate of this connection. */
  byte[] reenroll(String request) throws IOException {
    return post("simplereenroll", "", request);
  }

  /** The one certificate of an answer. */
  static X509Certificate certificate(byte[] answer) throws IOException {
    try (InputStream cms = Base64.getMimeDecoder().wrap(new java.io.ByteArrayInputStream(answer))) {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509").generateCertificates(cms).iterator().next();
    } catch (CertificateException e) {
      throw new IOException("the answer holds no certificate", e);
    }
  }

  private byte[] post(String operation, String headers, String body) throws IOException {
    String request =
        "POST /.well-known/est/"
            + operation
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nContent-Type: application/pkcs10\r\n"
            + headers
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    String status = line();
    int length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(header.indexOf(':') + 1).strip());
      }
    }
    byte[] answer = in.readNBytes(length);
    if (!status.contains(" 200")) {
      throw new IOException(status + ": " + new String(answer, StandardCharsets.UTF_8).strip());
    }
    return answer;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int octet;
    while ((octet = in.read()) != '\n') {
      if (octet < 0 || line.length() > LONGEST_LINE) {
        throw new IOException("the server broke off after " + line);
      }
      if (octet != '\r') {
        line.append((char) octet);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
