package io.guardbee.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** HiveMQ by its own main, as an installation of it runs: our commands have no part in it. */
final class PlainHiveMq implements AutoCloseable {

  private final Process process;

  private PlainHiveMq(Process process) {
    this.process = process;
  }

  static PlainHiveMq start(Path folder, String... properties) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-Dhivemq.home=" + folder);
    command.addAll(List.of(properties));
    command.add("-cp");
    command.add(System.getProperty("guardbee.broker.lib") + "/*");
    command.add("com.hivemq.HiveMQServer");
    return new PlainHiveMq(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("plain.log").toFile())
            .start());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
