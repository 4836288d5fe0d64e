package io.guardbee.bench.door;

import io.guardbee.agent.enrol.SigningRequest;
import io.guardbee.launch.Guardbee;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Enrols the benchmark's devices by the factory's stream, many thousands within a minute. */
final class Roster {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Guardbee guardbee;
  private final X509Certificate issuing;

  private record Draft(DeviceId id, KeyPair keys) {

    String row() {
      String request =
          SigningRequest.sign(new X500Principal("CN=" + id), keys.getPublic(), keys.getPrivate())
              .base64()
              .replace("\n", "");
      return "{\"deviceId\":\"" + id + "\",\"csr\":\"" + request + "\"}";
    }
  }

  Roster(Guardbee guardbee) throws IOException {
    this.guardbee = guardbee;
    this.issuing = Pem.readCertificates(guardbee.home().resolve("ca/issuing.pem")).get(0);
  }

  /** So many new devices, named by the prefix and a number. */
  List<Member> enrol(String prefix, int count) throws IOException {
    List<Draft> drafts =
        IntStream.range(0, count)
            .parallel()
            .mapToObj(number -> new Draft(new DeviceId(prefix + "-" + number), newKey()))
            .toList();
    Path rows = guardbee.home().resolve("bench-" + prefix + ".ndjson");
    Path results = guardbee.home().resolve("bench-" + prefix + "-results.ndjson");
    Files.write(rows, drafts.parallelStream().map(Draft::row).toList());
    Guardbee.Result result =
        guardbee.run("factory", "enroll", "--csrs", rows.toString(), "--out", results.toString());
    if (result.exitCode() != 0) {
      throw new RefusedException(
          Reason.INTERNAL, "factory enroll: " + result.complaint(), "run it by hand");
    }
    Map<String, KeyPair> keys =
        drafts.stream().collect(Collectors.toMap(draft -> draft.id().value(), Draft::keys));
    try (Stream<String> lines = Files.lines(results)) {
      return lines.toList().parallelStream().map(line -> member(line, keys::get)).toList();
    }
  }

  private Member member(String line, Function<String, KeyPair> keys) {
    JsonNode result = JSON.readTree(line);
    String id = result.path("deviceId").asString();
    X509Certificate leaf = Pem.parseCertificates(result.path("certificate").asString()).get(0);
    return Member.of(new DeviceId(id), keys.apply(id).getPrivate(), List.of(leaf, issuing));
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }
}
