package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.bench.measure.FreePort;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.DeviceId;
import io.guardbee.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second replica on the first one's SoftHSM, by the README's words. */
class SecondReplicaIT {

  private static final Pattern RECIPE =
      Pattern.compile(
          "```yaml\n(hsm:\n[^`]*)```\n\n"
              + "```console\n\\$ (cp .*)\n\\$ (SOFTHSM2_CONF=.*)\n(service is ready .*)\n```");

  private final Path folder;

  SecondReplicaIT(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void startsAsTheReadmeSaysAndKnowsWhatTheFirstDoes() throws Exception {
    Matcher recipe = RECIPE.matcher(Files.readString(Whole.root().resolve("README.md")));
    assertThat(recipe.find()).isTrue();
    String database = String.join("\n", TestPostgres.shared().database().configuration()) + "\n";
    Guardbee first = Whole.guardbee().inTemporaryHome();
    Files.writeString(first.home().resolve("config.yaml"), database);
    Guardbee second =
        new Guardbee(first.launcher(), Files.createDirectory(folder.resolve("second")));
    try (RunningUp up = first.up()) {
      Files.createSymbolicLink(folder.resolve("first"), up.guardbee().home());
      Files.writeString(
          second.home().resolve("config.yaml"), database + here(recipe.group(1), first));
      assertThat(type(recipe.group(2)).waitFor()).as(output()).isZero();
      int https = FreePort.choose();
      Process service =
          type(
              here(recipe.group(3), first)
                  .replace("9443", String.valueOf(https))
                  .replace("9080", "0"));
      try {
        String ready = recipe.group(4).replace("9443", String.valueOf(https));
        await().until(() -> output().lines().anyMatch(ready::equals) || !service.isAlive());
        assertThat(service.isAlive()).as(output()).isTrue();
        DeviceId device = new DeviceId("d-2");
        Whole.enrolled(up.endpoints(), folder, device, Whole.grant(second, device, "sensor"));
        assertThat(Whole.show(second, device).path("certificates")).hasSize(1);
      } finally {
        service.destroy();
        service.waitFor();
      }
    }
  }

  private static String here(String text, Guardbee first) {
    return text.replace("/srv/guardbee/first", first.home().toString())
        .replace(" guardbee ", " " + first.launcher() + " ");
  }

  private Process type(String command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("bash", "-euc", command))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    builder.environment().put("GUARDBEE_BUILT", "1");
    return builder.start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }
}
