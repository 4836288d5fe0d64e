package io.guardbee.broker.run.policy;

import io.guardbee.broker.run.Commands;
import io.guardbee.cli.Cli;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Commands as an operator types them, and what they answer: stdout as it is, stderr after {@code
 * !}, the exit code where it is not 0. What was really said is written to {@code
 * target/transcripts}.
 */
final class Transcript {

  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private final String name;
  private final Path folder;

  /**
   * @param folder in which the commands find their files
   */
  Transcript(String name, Path folder) {
    this.name = name;
    this.folder = folder;
  }

  String expected() {
    return resource(name);
  }

  static String resource(String name) {
    try (InputStream in = Transcript.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same commands, run now. */
  String replayed() throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line : expected().lines().toList()) {
      if (line.startsWith("#")) {
        said.append(line).append("\n");
      } else if (line.isEmpty()) {
        said.append("\n");
      } else if (line.startsWith("$ ")) {
        said.append(line).append("\n").append(run(line));
      }
    }
    Path target = Path.of("target", "transcripts");
    Files.createDirectories(target);
    Files.writeString(target.resolve(name), said);
    return said.toString();
  }

  private String run(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line.substring("$ guardbee ".length()));
    while (matcher.find()) {
      String word = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      boolean file = Files.isRegularFile(folder.resolve(word));
      words.add(file ? folder.resolve(word).toString() : word);
    }
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(heard, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      if (!words.get(1).equals("check")) { // it needs no home
        words.add("--home=" + folder);
      }
      int code = Cli.run(new Commands(), words.toArray(new String[0]));
      return text(heard, "") + text(complained, "! ") + (code == 0 ? "" : "exit " + code + "\n");
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private String text(ByteArrayOutputStream stream, String prefix) {
    StringBuilder text = new StringBuilder();
    stream
        .toString(StandardCharsets.UTF_8)
        .replace(folder + "/", "")
        .replaceAll("localhost:[0-9]+", "localhost:8443")
        .lines()
        .forEach(line -> text.append((prefix + line).stripTrailing()).append("\n"));
    return text.toString();
  }
}
