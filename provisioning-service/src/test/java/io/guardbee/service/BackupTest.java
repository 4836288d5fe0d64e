package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.cli.Cli;
import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A home is copied while its service works, loses its database, and gets it back. */
class BackupTest {

  @TempDir private Path directory;

  private static int run(String... args) {
    return Cli.run(new Main(), args);
  }

  @Test
  void lostDatabaseComesBackAndItsDevicesRenew() throws Exception {
    Path copy = directory.resolve("copy.zip");
    try (RunningService service = RunningService.start(directory.resolve("home"))) {
      String home = service.home().directory().toString();
      KeyPair key = Csr.newKey();
      Client device =
          Client.with(
              service.endpoints(),
              key,
              Client.anonymous(service.endpoints())
                  .enrol("/simpleenroll", "d-1", grant(service, "d-1"), Csr.of(key).base64())
                  .certificates()
                  .get(0));
      String feed = feed(service);
      assertThat(run("backup", copy.toString(), "--home", home)).isZero();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
          .isEqualTo("rw-------");
      assertThat(run("restore", copy.toString(), "--home", home)).as("not over one").isEqualTo(1);

      service.stop();
      SafeFiles.deleteContents(service.home().database());
      assertThat(run("restore", copy.toString(), "--home", home)).isZero();
      service.restart();
      Client again = device.at(service.endpoints());
      assertThat(again.renew(Csr.of(Csr.newKey()).base64()).status()).isEqualTo(200);
      assertThat(feed(service)).as("brokers take everything anew").isNotEqualTo(feed);
    }
  }

  @Test
  void backupIsForOperatorsAndHoldsNoKey() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("home"))) {
      assertThat(Client.anonymous(service.endpoints()).get("/v1/backup").reason())
          .isEqualTo(Reason.CERTIFICATE_MISSING);
      Path copy = directory.resolve("copy.zip");
      String home = service.home().directory().toString();
      assertThat(run("backup", copy.toString(), "--home", home)).isZero();
      try (var zip = new java.util.zip.ZipFile(copy.toFile())) {
        assertThat(zip.stream().map(java.util.zip.ZipEntry::getName))
            .contains("config.yaml", "db/guardbee.mv.db", "ca/root.pem")
            .noneMatch(name -> name.matches(".*(key|p12|pin|hsm).*"));
      }
      Path garbage = Files.writeString(directory.resolve("garbage"), "no zip");
      Path fresh = directory.resolve("fresh");
      assertThat(run("restore", garbage.toString(), "--home", fresh.toString())).isEqualTo(1);
    }
  }

  private static String grant(RunningService service, String id) {
    return Client.operator(service.endpoints())
        .post("/v1/devices/" + id + "/grants", "")
        .json()
        .path("token")
        .asString();
  }

  private static String feed(RunningService service) throws Exception {
    try (FeedClient broker = new FeedClient(service)) {
      return broker.next("snapshot").path("feed").asString();
    }
  }
}
