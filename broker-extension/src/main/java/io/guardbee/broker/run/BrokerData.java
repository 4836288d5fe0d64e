package io.guardbee.broker.run;

import com.hivemq.configuration.service.InternalConfigurations;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What HiveMQ keeps of sessions and messages. It spreads each kind over a number of stores that
 * must stay as it was when the data was new. Each store of two kinds takes 4 MiB of the disk while
 * it is open, before it holds anything: with HiveMQ's 64, half a gibibyte.
 *
 * @param folder HiveMQ's data folder
 */
record BrokerData(Path folder) {

  private static final long MIB = 1L << 20;
  private static final long LEAST_ROOM = 32 * MIB;

  /** As many stores keep eight processors busy; HiveMQ's number is for larger machines. */
  private static final int FEW = 16;

  private static final int MANY = 64;
  private static final int PROCESSORS_OF_FEW = 8;

  /** Sets the number of stores: that of the data which is there, or one that suits the machine. */
  void prepare(int processors) throws IOException {
    int fresh = processors <= PROCESSORS_OF_FEW ? FEW : MANY;
    InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(stores("client_session_store", fresh));
    InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT.set(
        stores("publish_payload_store", fresh));
  }

  /** The stores of that kind which are there, in the newest format; without any, that number. */
  private int stores(String kind, int fresh) throws IOException {
    Path formats = folder.resolve("persistence").resolve(kind);
    if (!Files.isDirectory(formats)) {
      return fresh;
    }
    int most = 0;
    try (Stream<Path> all = Files.list(formats)) {
      for (Path format : all.filter(Files::isDirectory).toList()) {
        try (Stream<Path> stores = Files.list(format)) {
          most = Math.max(most, (int) stores.filter(Files::isDirectory).count());
        }
      }
    }
    return most == 0 ? fresh : most;
  }

  /**
   * To be called before anything is written there.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED} when the disk has no room
   */
  void requireRoom() throws IOException {
    Path place = folder;
    while (!Files.exists(place) && place.getParent() != null) {
      place = place.getParent();
    }
    long left = Files.getFileStore(place).getUsableSpace();
    if (left < LEAST_ROOM) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          "no space left on device: " + left / MIB + " MiB free for " + folder,
          "make room: the broker starts with " + LEAST_ROOM / MIB + " MiB or more");
    }
  }

  /** What is told when HiveMQ does not open it. */
  RefusedException doesNotOpen() {
    return new RefusedException(
        Reason.STORAGE_FAILED,
        "HiveMQ cannot open its data in " + folder,
        "see to the disk; the whole log is in "
            + folder.resolveSibling("log").resolve("hivemq.log"));
  }
}
