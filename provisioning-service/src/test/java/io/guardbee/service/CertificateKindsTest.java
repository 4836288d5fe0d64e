package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of certificate that this installation issues, before the judge that others use. */
class CertificateKindsTest {

  private static final Map<String, Supplier<KeyPair>> KEYS =
      Map.of(
          "P-256",
          Csr::newKey,
          "P-384",
          () -> Csr.newKey("secp384r1"),
          "Ed25519",
          Csr::newEd25519Key,
          "RSA",
          () -> Csr.newRsaKey(2048));

  @TempDir private static Path directory;
  private static RunningService service;
  private static int devices;

  @BeforeAll
  static void start() throws Exception {
    service =
        RunningService.start(
            directory.resolve("home"),
            """
              names: [pki.acme.example]
            revocation:
              address: "http://pki.acme.example/"
            profiles:
              sensor:
                names: ["dns:${deviceId}.acme.example", "uri:urn:acme:${deviceId}"]
                requestedNames: ["ip:*", "email:*@acme.example", "dns:*.acme.example"]
              gateway: {serverKeys: encrypted}
              plain: {names: ["dns:${deviceId}"]}
            """);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Client.Answer enrol(String id, String profile, Csr csr) {
    String token =
        Client.operator(service.endpoints())
            .post("/v1/devices/" + id + "/grants", grant(id, profile))
            .json()
            .path("token")
            .asString();
    return Client.anonymous(service.endpoints()).enrol("/simpleenroll", id, token, csr.base64());
  }

  /** A server has a name. */
  private static String grant(String id, String profile) {
    String names = profile.equals("server") ? "\"dns:" + id + ".acme.example\"" : "";
    return "{\"profile\":\"%s\",\"names\":[%s]}".formatted(profile, names);
  }

  private static KeyPair newKey(String kind) {
    return Objects.requireNonNull(KEYS.get(kind)).get();
  }

  private static String newId() {
    devices++;
    return "kind-" + devices;
  }

  private static Path file(X509Certificate certificate) throws Exception {
    return Files.writeString(directory.resolve(newId() + ".pem"), Pem.certificate(certificate));
  }

  private static String text(X509Certificate certificate) throws Exception {
    return OpenSsl.run("x509", "-in", file(certificate), "-noout", "-text").said();
  }

  static Stream<Arguments> kinds() {
    return Stream.of("sensor", "gateway", "application", "station", "server")
        .flatMap(profile -> KEYS.keySet().stream().map(key -> Arguments.of(profile, key)));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void opensslAcceptsEveryProfileWithEveryKey(String profile, String key) throws Exception {
    String id = newId();
    X509Certificate certificate =
        enrol(id, profile, Csr.of(newKey(key)).subject("CN=" + id)).certificates().get(0);
    assertStrictlyGood(certificate);
    assertThat(certificate.getCriticalExtensionOIDs())
        .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    String role = List.of("station", "server").contains(profile) ? "operations" : "issuing";
    assertThat(text(certificate))
        .contains("Digital Signature")
        .contains("URI:http://pki.acme.example/crl/" + role + "-")
        .contains("OCSP - URI:http://pki.acme.example/ocsp")
        .contains("CA Issuers - URI:http://pki.acme.example/ca/" + role + "-");
  }

  private static void assertStrictlyGood(X509Certificate certificate) throws Exception {
    OpenSsl.Result result = Published.verify(service, file(certificate));
    assertThat(result.exitCode()).as(result.said() + text(certificate)).isZero();
  }

  /** Only as far as clientAuth goes along with it (RFC 5280 §4.2.1.12). */
  @Test
  void keysAreForEncryptionOnlyWhereTheServiceSendsKeys() throws Exception {
    Map<String, String> usages =
        Map.of(
            "P-256", "Digital Signature, Key Agreement\n",
            "RSA", "Digital Signature\n",
            "Ed25519", "Digital Signature\n");
    for (Map.Entry<String, String> usage : usages.entrySet()) {
      Csr csr = Csr.of(newKey(usage.getKey()));
      assertThat(text(enrol(newId(), "gateway", csr).certificates().get(0)))
          .contains(usage.getValue());
      assertThat(
              text(enrol(newId(), "sensor", Csr.of(newKey(usage.getKey()))).certificates().get(0)))
          .contains("Digital Signature\n");
    }
  }

  @Test
  void installationsOwnAreStrictlyGoodToo() throws Exception {
    List<X509Certificate> own = new ArrayList<>();
    own.add(first(service.home().operator().resolve("operator.pem")));
    own.add(first(service.home().broker().resolve("conf/broker.pem")));
    own.add(first(service.home().ca().resolve("https.pem")));
    String listener =
        Client.broker(service).post("/v1/broker/certificate", pem(Csr.of(Csr.newKey()))).body();
    own.add(Pem.parseCertificates(listener).get(0));
    for (X509Certificate certificate : own) {
      assertStrictlyGood(certificate);
      assertThat(text(certificate)).contains("http://pki.acme.example/crl/operations-");
    }
    for (String authority : List.of("issuing.pem", "operations.pem")) {
      assertThat(Published.verify(service, service.home().ca().resolve(authority)).exitCode())
          .isZero();
    }
  }

  private static String pem(Csr csr) {
    return Pem.block("CERTIFICATE REQUEST", csr.der());
  }

  private static X509Certificate first(Path file) throws Exception {
    return Pem.readCertificates(file).get(0);
  }

  /** A device id may hold what a DNS name may not: the profile does not fit this device. */
  @Test
  void nameThatFitsNoCertificateIsRefusedBeforeTheSignature() {
    Client.Answer answer = enrol("kind_underscore", "plain", Csr.of(Csr.newKey()));
    assertThat(answer.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
    assertThat(answer.body()).contains("dns-names").contains("config.yaml");
  }

  @Test
  void oneThatFitsNotLeavesTheOthersOfItsBatchAlone() {
    StringBuilder rows = new StringBuilder();
    for (String id : List.of("batch-1", "batch:2", "batch-3")) {
      String csr = Csr.of(Csr.newKey()).subject("CN=" + id).base64();
      rows.append(String.format("{\"deviceId\":\"%s\",\"csr\":\"%s\"}%n", id, csr));
    }
    List<String> results =
        Client.operator(service.endpoints())
            .post("/v1/factory/enroll?profile=plain", rows.toString())
            .body()
            .lines()
            .toList();
    assertThat(results).filteredOn(line -> line.contains("BEGIN CERTIFICATE")).hasSize(2);
    assertThat(results)
        .filteredOn(line -> line.contains("configuration-invalid"))
        .singleElement()
        .asString()
        .contains("batch:2");
  }
}
