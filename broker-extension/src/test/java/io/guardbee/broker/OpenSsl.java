package io.guardbee.broker;

import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code openssl s_client}: TLS of others' making, with what JSSE would not offer. */
final class OpenSsl {

  private final Path folder;
  private final int port;

  /** A client with that certificate and the chain given, whatever it is. */
  OpenSsl(Path folder, int port, TestCa own, List<TestCa> chain) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.port = port;
    Files.writeString(folder.resolve("own.pem"), Pem.certificate(own.certificate()));
    Files.writeString(folder.resolve("own.key"), Pem.privateKey(own.key()));
    StringBuilder pems = new StringBuilder();
    chain.forEach(one -> pems.append(Pem.certificate(one.certificate())));
    Files.writeString(folder.resolve("chain.pem"), pems);
  }

  /** One connection, until the broker has refused its CONNECT; all that it printed. */
  String connect(String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("timeout", "20", "openssl", "s_client", "-connect", "127.0.0.1:" + port));
    command.addAll(List.of("-cert", "own.pem", "-key", "own.key", "-ign_eof"));
    if (Files.size(folder.resolve("chain.pem")) > 0) {
      command.addAll(List.of("-cert_chain", "chain.pem"));
    }
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (var out = process.getOutputStream()) {
      out.write(mqttConnect()); // TLS 1.3 tickets come after the handshake: wait for an answer
    } catch (IOException e) {
      // it has ended already
    }
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /** MQTT 5 CONNECT of client "x": refused, with an answer. */
  private static byte[] mqttConnect() {
    return new byte[] {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 1, 'x'};
  }
}
