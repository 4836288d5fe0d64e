package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.bench.measure.FreePort;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command of the READMEs, taken from their text and typed into a shell. */
class ReadmeIT {

  private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern TYPED =
      Pattern.compile("^\\$ (\\./guardbee .*)$", Pattern.MULTILINE);

  /** Settings without which a recipe for another program does not work. */
  private static final Pattern SETTINGS =
      Pattern.compile("```yaml\n(profiles:[^`]*lineLength: 0[^`]*)```");

  private final Path folder;
  private final int sitePort = FreePort.choose();

  ReadmeIT(@TempDir Path folder) throws IOException {
    this.folder = folder;
  }

  @Test
  void commandsOfTheTranscriptDoAsItShows() throws Exception {
    List<String> typed = new ArrayList<>();
    Matcher commands = TYPED.matcher(readme());
    while (commands.find() && typed.size() < 6) {
      typed.add(commands.group(1));
    }
    assertThat(typed.get(0)).isEqualTo("./guardbee up");
    for (String command : typed.subList(1, 5)) {
      assertThat(shell(command)).as(output()).isZero();
    }
    assertThat(typed.get(5)).contains("agent publish");
    assertThat(shell(typed.get(5))).isEqualTo(1);
    assertThat(output()).contains("error: certificate-untrusted: ");
  }

  @Test
  void everyShellBlockDoesAsItSays() throws Exception {
    String readme = readme();
    Matcher blocks = SHELL.matcher(readme);
    int count = 0;
    while (blocks.find()) {
      String before = readme.substring(0, blocks.start()).strip();
      String sentence = before.substring(before.lastIndexOf("\n\n") + 1);
      int code = shell(blocks.group(1));
      if (sentence.contains("refused")) {
        assertThat(output()).containsIgnoringCase("not authorized");
      } else {
        assertThat(code).as(blocks.group(1) + output()).isZero();
      }
      count++;
    }
    assertThat(count).isGreaterThanOrEqualTo(5);
    assertThat(Files.readString(folder.resolve("certs.ndjson"))).contains("f-1");
    assertThat(folder.resolve("d-7.new.pem")).isNotEmptyFile();
  }

  /** In a home of their own, in which keys come to stand elsewhere. */
  @ParameterizedTest
  @ValueSource(strings = {"hsm-config", "provisioning-service", "broker-extension"})
  void shellBlocksOfTheModulesDoAsTheySay(String module) throws Exception {
    String readme = Files.readString(Whole.root().resolve(module + "/README.md"));
    Guardbee guardbee = Whole.guardbee().inTemporaryHome();
    Matcher settings = SETTINGS.matcher(readme);
    if (settings.find()) {
      Files.writeString(guardbee.home().resolve("config.yaml"), settings.group(1));
    }
    try (RunningUp up = guardbee.up()) {
      DeviceId device = new DeviceId("d-7");
      Whole.enrolled(up.endpoints(), folder, device, Whole.grant(guardbee, device, "sensor"));
      Matcher blocks = SHELL.matcher(readme);
      int count = 0;
      while (blocks.find()) {
        assertThat(shell(blocks.group(1), up)).as(blocks.group(1) + output()).isZero();
        count++;
      }
      assertThat(count).isGreaterThanOrEqualTo(2);
    }
  }

  private static String readme() throws IOException {
    return Files.readString(Whole.root().resolve("README.md"));
  }

  /** The text as it stands, but for where this test's Guardbee has its home and its ports. */
  private int shell(String text) throws IOException, InterruptedException {
    return shell(text, Whole.up());
  }

  private int shell(String text, RunningUp up) throws IOException, InterruptedException {
    Endpoints at = up.endpoints();
    String script =
        text.replaceAll("(?m)^H=.*$", "")
            .replace("localhost:8443", "localhost:" + at.https().getPort())
            .replace("localhost:8080", "localhost:" + at.http().getPort())
            .replace("localhost:8883", "localhost:" + at.mqtts().getPort())
            .replace("-p 8883", "-p " + at.mqtts().getPort())
            .replace("localhost:8445", "localhost:" + sitePort)
            .replace("127.0.0.1:8445", "127.0.0.1:" + sitePort)
            .replace("./guardbee", up.guardbee().launcher().toString());
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("H", up.guardbee().home().toString());
    builder.environment().put("GUARDBEE_HOME", up.guardbee().home().toString());
    builder.environment().put("GUARDBEE_BUILT", "1");
    builder.environment().merge("PATH", "/usr/sbin", (path, sbin) -> path + ":" + sbin); // nginx
    builder.environment().put("NODE_PATH", "/usr/share/nodejs"); // Debian's axios
    return builder.start().waitFor();
  }

  private String output() throws IOException {
    return new String(Files.readAllBytes(folder.resolve("output")), StandardCharsets.UTF_8);
  }
}
