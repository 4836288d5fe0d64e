/** Files that survive a power cut whole and are seen only by those who should. */
@NullMarked
package io.guardbee.files;

import org.jspecify.annotations.NullMarked;
