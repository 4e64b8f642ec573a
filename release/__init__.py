"""What a release is made of beside the code: wheel, software bill of materials, licences."""
