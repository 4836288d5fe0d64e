package io.guardbee.service.explain;

import io.guardbee.pki.DeviceId;
import java.util.List;

/** A feature that has something to say of a device, such as an approval that is waited for. */
@FunctionalInterface
public interface Source {

  /** What it knows of that device; empty for nothing. Thread-safe. */
  List<Finding> of(DeviceId deviceId);
}
