package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.cli.Cli;
import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import io.guardbee.testing.SmallDisk;
import io.guardbee.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service whose disk has no room for a while. */
class DiskFullTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int ROWS = 400;

  private final Path directory;

  DiskFullTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void fullDiskRefusesChangesNotReadsAndABatchGoesOnWhenThereIsRoom() throws Exception {
    Path out = directory.resolve("out");
    try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), 200);
        RunningService service = RunningService.start(disk.directory().resolve("home"))) {
      Client operator = Client.operator(service.endpoints());
      assertThat(operator.get("/readyz").json().path("storage").path("ready").asBoolean()).isTrue();
      CompletableFuture<Integer> batch = enrol(service, out);
      await().until(() -> lines(out) > 20);
      disk.fill(16);

      await().until(() -> operator.get("/readyz").status() == 503);
      assertThat(operator.get("/readyz").json().path("storage").path("detail").asString())
          .contains("no space left on device");
      Answer grant = operator.post("/v1/devices/d-1/grants", "");
      assertThat(grant.status()).isEqualTo(503);
      assertThat(grant.reason()).isEqualTo(Reason.STORAGE_FAILED);
      assertThat(operator.post("/v1/devices/f-0/revocation", "{}").status()).isEqualTo(200);
      assertThat(operator.get("/v1/devices").status()).isEqualTo(200);
      int before = lines(out);
      assertThat(before).isLessThan(ROWS);
      assertThat(batch).isNotDone();

      disk.clear();
      await().until(() -> operator.get("/readyz").status() == 200);
      assertThat(batch.get()).isZero();
      assertAllOnce(out);
      assertThat(operator.post("/v1/devices/d-1/grants", "").status()).isEqualTo(201);
    }
  }

  /** Its tables cannot grow, while a row that changes in its place, such as a lease, still does. */
  @Test
  void serverOnAFullDiskIsNotReadyUntilThereIsRoom() throws Exception {
    Path mount = Files.createTempDirectory("guardbee-disk"); // where the server's user can enter
    try (SmallDisk disk = SmallDisk.mount(mount, 200);
        TestPostgres server =
            TestPostgres.startIn(Files.createDirectory(disk.directory().resolve("server")));
        RunningService service =
            RunningService.start(
                directory.resolve("home-of-replica"), server.database().configuration())) {
      Client operator = Client.operator(service.endpoints());
      assertThat(grant(operator)).isEqualTo(201);
      disk.fill(0);
      await().until(() -> grant(operator) == 503);
      await().until(() -> operator.get("/readyz").status() == 503);
      assertThat(operator.get("/readyz").json().path("storage").path("detail").asString())
          .contains("no space left on device");
      assertThat(operator.get("/v1/devices").status()).isEqualTo(200);
      disk.clear();
      await().until(() -> operator.get("/readyz").status() == 200);
      assertThat(grant(operator)).isEqualTo(201);
    } finally {
      Files.delete(mount);
    }
  }

  private static int grant(Client operator) {
    return operator.post("/v1/devices/d-" + UUID.randomUUID() + "/grants", "").status();
  }

  private static void assertAllOnce(Path out) throws IOException {
    List<JsonNode> results = Files.readAllLines(out).stream().map(JSON::readTree).toList();
    assertThat(results)
        .extracting(result -> result.path("deviceId").asString())
        .containsExactlyElementsOf(IntStream.range(0, ROWS).mapToObj(i -> "f-" + i).toList());
    assertThat(results).allMatch(result -> result.path("certificate").isString());
    assertThat(results)
        .extracting(result -> result.path("serial").asString())
        .doesNotHaveDuplicates();
  }

  private CompletableFuture<Integer> enrol(RunningService service, Path out) throws IOException {
    List<String> rows =
        IntStream.range(0, ROWS)
            .mapToObj(
                i ->
                    JSON.createObjectNode()
                        .put("deviceId", "f-" + i)
                        .put("csr", Csr.of(Csr.newKey()).base64())
                        .toString())
            .toList();
    Path csrs = Files.write(directory.resolve("csrs"), rows);
    return CompletableFuture.supplyAsync(
        () ->
            Cli.run(
                new Main(),
                "factory",
                "enroll",
                "--csrs",
                csrs.toString(),
                "--out",
                out.toString(),
                "--home",
                service.home().directory().toString()));
  }

  private static int lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }
}
