/** The extension that lets everyone in: what Guardbee's door is compared with. */
@NullMarked
package io.guardbee.bench.permitall;

import org.jspecify.annotations.NullMarked;
