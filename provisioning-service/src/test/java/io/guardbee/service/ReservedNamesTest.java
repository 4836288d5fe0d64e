package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ServerRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of the installation's own servers, which no grant obtains. */
class ReservedNamesTest {

  @TempDir private static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() throws IOException {
    service =
        RunningService.start(
            directory.resolve("home"),
            """
              names: [pki.acme.example, 192.0.2.7]
            profiles:
              server:
                requestedNames:
                  - "dns:localhost"
                  - "dns:localhost."
                  - "dns:127.0.0.1"
                  - "dns:*.localhost"
                  - "dns:*.acme.example"
                  - "dns:pki.ACME.example"
                  - "ip:*"
                  - "uri:https:*"
              wild: {issuer: operations, names: ["dns:*.acme.example"]}
            """);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Client.Answer enrol(String id, String profile, Csr csr) {
    Client.Answer grant =
        Client.operator(service.endpoints())
            .post("/v1/devices/" + id + "/grants", "{\"profile\":\"" + profile + "\"}");
    assertThat(grant.status()).as(grant.body()).isEqualTo(201);
    return Client.anonymous(service.endpoints())
        .enrol("/simpleenroll", id, grant.json().path("token").asString(), csr.base64());
  }

  private static Csr asking(int form, String name) throws IOException {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(
        Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(form, name)));
    return Csr.of(Csr.newKey())
        .attribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
  }

  @ParameterizedTest
  @CsvSource({
    "2, localhost",
    "2, LocalHost",
    "2, localhost.",
    "2, x.localhost",
    "2, 127.0.0.1",
    "2, pki.acme.example",
    "2, PKI.acme.example",
    "7, 127.0.0.1",
    "7, 127.9.9.9",
    "7, ::1",
    "7, 192.0.2.7"
  })
  void noGrantObtainsOneAsAlternativeName(int form, String name) throws Exception {
    Client.Answer answer = enrol("web-1", "server", asking(form, name));
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.reason())
        .as(answer.body())
        .isIn(Reason.NAME_RESERVED, Reason.CSR_NAME_MISMATCH);
  }

  @Test
  void refusalHasItsReason() throws Exception {
    Client.Answer answer = enrol("web-1", "server", asking(2, "pki.acme.example"));
    assertThat(answer.reason()).isEqualTo(Reason.NAME_RESERVED);
    assertThat(answer.body()).contains("pki.acme.example");
  }

  @Test
  void otherNamesAreStillToBeHad() throws Exception {
    X509Certificate granted =
        enrol("web-2", "server", asking(2, "www.acme.example")).certificates().get(0);
    assertThat(granted.getSubjectAlternativeNames().toString()).contains("www.acme.example");
    assertThat(ServerRole.SERVICE.isOf(granted)).isFalse();
  }

  @Test
  void wildcardThatCoversOneIsRefused() {
    assertThat(enrol("web-3", "wild", Csr.of(Csr.newKey())).reason())
        .isEqualTo(Reason.NAME_RESERVED);
  }

  @Test
  void noGrantOfTheOperationsAuthorityObtainsOneAsCommonName() {
    assertThat(enrol("localhost", "server", Csr.of(Csr.newKey())).reason())
        .isEqualTo(Reason.NAME_RESERVED);
    assertThat(enrol("pki.acme.example", "station", Csr.of(Csr.newKey())).reason())
        .isEqualTo(Reason.NAME_RESERVED);
  }

  /** A grant that was made before the name became one of the servers'. */
  @Test
  void namesOfLaterConfigurationsAreReservedToo() throws Exception {
    try (RunningService moved = RunningService.start(directory.resolve("moved"))) {
      String text = Files.readString(moved.home().config());
      Files.writeString(
          moved.home().config(),
          text.replace("  http: 0\n", "  http: 0\n  names: [later.example]\n"));
      moved.restart();
      Files.writeString(moved.home().config(), text); // reserved for ever
      moved.restart();
      String token =
          Client.operator(moved.endpoints())
              .post("/v1/devices/later.example/grants", "{\"profile\":\"server\"}")
              .json()
              .path("token")
              .asString();
      assertThat(
              Client.anonymous(moved.endpoints())
                  .enrol("/simpleenroll", "later.example", token, Csr.of(Csr.newKey()).base64())
                  .reason())
          .isEqualTo(Reason.NAME_RESERVED);
    }
  }

  @Test
  void issuingAuthorityCertifiesNoServers() {
    assertThatThrownBy(
            () ->
                RunningService.start(
                    directory.resolve("issuing"),
                    "\nprofiles:\n  web: {issuer: issuing, purposes: [server, client]}\n"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
              assertThat(e.line()).contains("profiles.web.purposes", "issuer: operations");
            });
  }
}
