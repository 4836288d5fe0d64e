package io.guardbee.service.cli;

import io.guardbee.operator.Api;
import io.guardbee.pki.RefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.OutputStreamRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * One request whose rows go out while its results come back. (Jetty's client: the JDK's reads no
 * answer before it has sent the whole request.)
 */
final class BatchStream implements AutoCloseable {

  private static final long ANSWER_SECONDS = 60;

  private final Api api;
  private final HttpClient client;

  private BatchStream(Api api, HttpClient client) {
    this.api = api;
    this.client = client;
  }

  /** Takes one result line. */
  interface Results {
    void accept(String line) throws IOException;
  }

  static BatchStream open(Api api) throws IOException {
    SslContextFactory.Client tls = new SslContextFactory.Client();
    tls.setSslContext(api.tls().context());
    ClientConnector connector = new ClientConnector();
    connector.setSslContextFactory(tls);
    HttpClient client = new HttpClient(new HttpClientTransportOverHTTP(connector));
    try {
      client.start();
    } catch (Exception e) { // Jetty's life cycle declares no narrower one
      throw new IOException("the HTTP client does not start", e);
    }
    return new BatchStream(api, client);
  }

  /**
   * Sends the rows and hands over each result as it arrives.
   *
   * @throws RefusedException {@code SERVICE_UNREACHABLE} when the stream broke, and what the
   *     results are refused with; those handed over until then stand
   */
  void send(String path, Stream<String> rows, Results results) throws InterruptedException {
    String address = api.endpoints().https();
    OutputStreamRequestContent request = new OutputStreamRequestContent("application/x-ndjson");
    InputStreamResponseListener answer = new InputStreamResponseListener();
    Request call = client.newRequest(URI.create(address + path)).method("POST").body(request);
    call.send(answer);
    Thread sender = new Thread(() -> sendAll(rows, request), "factory-rows");
    sender.setDaemon(true);
    sender.start();
    try {
      Response response = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
      receive(response, answer, results);
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw Api.unreachable(address, e.getCause() == null ? e : e.getCause());
    } catch (RuntimeException e) {
      var unused = call.abort(new IOException("no more rows are wanted", e));
      throw e;
    }
  }

  private static void sendAll(Stream<String> rows, OutputStreamRequestContent request) {
    try (OutputStream out = request.getOutputStream()) {
      rows.forEach(row -> write(out, row));
    } catch (IOException | UncheckedIOException e) {
      // the service has gone or refused: the receiving side says so
    }
  }

  private static void write(OutputStream out, String row) {
    try {
      out.write((row + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void receive(
      Response response, InputStreamResponseListener answer, Results results) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(answer.getInputStream(), StandardCharsets.UTF_8))) {
      if (response.getStatus() >= 300) {
        throw Api.refusal(response.getStatus(), String.join("\n", lines.lines().toList()));
      }
      String line;
      while ((line = lines.readLine()) != null) {
        results.accept(line);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      client.stop();
    } catch (Exception e) {
      throw new IOException("the HTTP client does not stop", e);
    }
  }
}
