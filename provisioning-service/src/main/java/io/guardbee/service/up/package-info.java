/** All roles on one machine: the service in this process, the broker as a second one. */
@NullMarked
package io.guardbee.service.up;

import org.jspecify.annotations.NullMarked;
