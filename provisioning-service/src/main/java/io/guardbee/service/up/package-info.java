/** Programs that run until they are stopped: the service alone, or all roles on one machine. */
@NullMarked
package io.guardbee.service.up;

import org.jspecify.annotations.NullMarked;
